import type { LedgerName } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import { inOrder } from '../documents/in-order.js';
import type {
	LineChanged,
	LineId,
	LinesAdded,
	OrderDocument,
	OrderId,
	OrderOpened,
	OrderParked,
	OrderRecalled,
	OrderResolved,
	OrderVoided,
	PricedLine,
	Refunded,
	Settled,
} from '../documents/order.js';
import { judgeRefunds } from '../documents/true-refunds.js';
import { storeOf } from '../shop/ledgers.js';
import { share, sum } from '../shop/money.js';
import type { OrderPhase } from './order-events.js';
import type { LateChange, Matter, OrderState } from './order-state.js';

/** The documents of one order, by what they say. */
class Told {
	readonly opened: Stamped<OrderOpened>[] = [];
	readonly added: Stamped<LinesAdded>[] = [];
	readonly changed: Stamped<LineChanged>[] = [];
	readonly gone = new Set<LineId>();
	readonly turned: Stamped<OrderParked | OrderRecalled>[] = [];
	readonly voided: Stamped<OrderVoided>[] = [];
	readonly settled: Stamped<Settled>[] = [];
	readonly refunded: Stamped<Refunded>[] = [];
	readonly resolved: Stamped<OrderResolved>[] = [];

	constructor(entries: readonly Stamped<OrderDocument>[]) {
		for (const entry of entries) this.#sort(entry, entry.value);
	}

	#sort(entry: Stamped<OrderDocument>, value: OrderDocument): void {
		const { atMs, device, late } = entry;
		switch (value.verb) {
			case 'order.open':
				this.opened.push({ value, atMs, device, late });
				break;
			case 'order.add':
				this.added.push({ value, atMs, device, late });
				break;
			case 'order.change':
				this.changed.push({ value, atMs, device, late });
				break;
			case 'order.void_line':
				this.gone.add(value.line);
				break;
			case 'order.split':
				for (const { lines } of value.into) for (const line of lines) this.gone.add(line);
				break;
			case 'order.void':
				this.voided.push({ value, atMs, device, late });
				break;
			case 'order.park':
			case 'order.recall':
				this.turned.push({ value, atMs, device, late });
				break;
			case 'order.settle':
				this.settled.push({ value, atMs, device, late });
				break;
			case 'order.refund':
				this.refunded.push({ value, atMs, device, late });
				break;
			case 'order.resolve':
				this.resolved.push({ value, atMs, device, late });
				break;
			default:
				value satisfies never; // a document of a later version says nothing here
		}
	}
}

/**
 * What the documents of one order come to, whatever order they came in:
 * - a settlement stands, whoever voided the order meanwhile: money changed hands (S8);
 * - of several settlements the first stands, and all count;
 * - lines are a set: what anybody added is there, equal ones too (S5, S6), unless somebody voided it or split it off;
 * - of several changes of a line the one whose author had seen most stands;
 * - what differs from the settlement came late: it changes nothing by itself (S7).
 */
export function foldOrder(
	id: OrderId,
	entries: readonly Stamped<OrderDocument>[],
	ledger: LedgerName,
): OrderState | undefined {
	if (entries.length === 0) return undefined;
	const told = new Told(entries);
	const [first] = inOrder(told.opened);
	const settlements = inOrder(told.settled);
	const settled = settlements[0]?.value;
	const [voided] = inOrder(told.voided);
	const [changes, working] = workingLines(told);
	const lines = settled ? settled.lines : working;
	const resolutions = inOrder(told.resolved);
	const { counted, refused } = judgeRefunds(id, told.refunded);
	const late = settled ? lateChanges(settled, working, told) : [];
	return {
		id,
		ledger,
		ledgers: [ledger],
		...(settled && { settledIn: ledger }),
		store: storeOf(ledger),
		businessDate: ledger.slice(ledger.lastIndexOf('/') + 1),
		state: phaseOf(told),
		openedMs: first?.atMs ?? Math.min(...entries.map(({ atMs }) => atMs)),
		openedBy: first?.device,
		...openedWith(inOrder(told.opened).map(({ value }) => value)),
		lines,
		net: sum(lines.map(({ net }) => net)),
		settled,
		settlements,
		refunds: counted,
		refused,
		voided: voided?.value,
		late,
		followUps: [...new Set(told.resolved.flatMap(({ value }) => value.followUp ?? []))].sort(),
		matters: mattersOf(settlements, voided, late, refused, resolutions),
		resolutions,
		changes,
		turns: Math.max(0, ...told.turned.map(({ value }) => value.n)),
	};
}

function phaseOf(told: Told): OrderPhase {
	if (told.settled.length > 0) return 'settled';
	if (told.voided.length > 0) return 'voided';
	return latest(told.turned)?.value.verb === 'order.park' ? 'parked' : 'open';
}

type Opening = Pick<OrderState, 'table' | 'member' | 'channel' | 'externalId' | 'pickup' | 'followUpOf' | 'splitOf'>;

/** An order named outside may be opened twice: what the first opening left out, the next one may tell. */
function openedWith(openings: readonly OrderOpened[]): Opening {
	const all: { -readonly [K in keyof Opening]: Opening[K] } = {};
	for (const { table, member, channel, externalId, pickup, followUpOf, splitOf } of openings) {
		if (table !== undefined) all.table ??= table;
		if (member !== undefined) all.member ??= member;
		if (channel !== undefined) all.channel ??= channel;
		if (externalId !== undefined) all.externalId ??= externalId;
		if (pickup !== undefined) all.pickup ??= pickup;
		if (followUpOf !== undefined) all.followUpOf ??= followUpOf;
		if (splitOf !== undefined) all.splitOf ??= splitOf;
	}
	return all;
}

/** How often each line was changed, and the lines as they stand apart from any settlement. */
function workingLines(told: Told): readonly [ReadonlyMap<LineId, number>, readonly PricedLine[]] {
	const byLine = new Map<LineId, Stamped<LineChanged>[]>();
	for (const change of told.changed) {
		const known = byLine.get(change.value.line);
		if (known) known.push(change);
		else byLine.set(change.value.line, [change]);
	}
	const lines = new Map<LineId, PricedLine>();
	for (const { value } of inOrder(told.added))
		for (const line of value.lines)
			if (!told.gone.has(line.id) && !lines.has(line.id))
				lines.set(line.id, changedLine(line, byLine.get(line.id) ?? []));
	const counts = [...byLine].map(([line, all]) => [line, Math.max(...all.map(({ value }) => value.n))] as const);
	return [new Map(counts.sort(([a], [b]) => (a < b ? -1 : 1))), [...lines.values()]];
}

function changedLine(line: PricedLine, changes: readonly Stamped<LineChanged>[]): PricedLine {
	if (changes.length === 0) return line;
	const amounts = latest(changes.filter(({ value }) => value.qty !== undefined))?.value;
	const text = latest(changes.filter(({ value }) => value.text !== undefined))?.value.text;
	return {
		...line,
		...(amounts?.qty !== undefined && { qty: amounts.qty, net: amounts.net ?? line.net }),
		...(amounts?.taxes !== undefined && { taxes: amounts.taxes }),
		...(text !== undefined && { note: text }),
	};
}

/** What stands on the order now and is not what was paid for, less what was dealt with. */
function lateChanges(settled: Settled, working: readonly PricedLine[], told: Told): LateChange[] {
	const paid = new Map(settled.lines.map((line) => [line.id, line]));
	const late: LateChange[] = [];
	const differs = (kind: LateChange['kind'], now: PricedLine, qty: number, net: number) => {
		const { id, sku } = now;
		for (const { value } of told.resolved)
			for (const dealt of value.lines ?? [])
				if (dealt.line === id) {
					qty -= dealt.qty;
					net -= dealt.net;
				}
		if (qty !== 0) late.push({ kind, line: id, sku, qty, net, now });
	};
	for (const line of working) {
		const sold = paid.get(line.id);
		if (sold) differs('changed', line, line.qty - sold.qty, differenceOf(line, sold));
		else differs('added', line, line.qty, line.net);
	}
	for (const line of settled.lines) if (told.gone.has(line.id)) differs('changed', line, -line.qty, -line.net);
	return late;
}

/** More is worth what it costs without promotions: those are of the bill that it comes on. Less, what was paid for it. */
function differenceOf(now: PricedLine, sold: PricedLine): number {
	const promoted = sum((sold.promotions ?? []).map(({ off }) => off));
	if (promoted === 0 || now.qty > sold.qty) return now.net - sold.net - promoted;
	return -share(sold.net, sold.qty - now.qty, sold.qty);
}

function mattersOf(
	settlements: readonly Stamped<Settled>[],
	voided: Stamped<OrderVoided> | undefined,
	late: readonly LateChange[],
	refused: readonly Stamped<Refunded>[],
	resolutions: readonly Stamped<OrderResolved>[],
): Matter[] {
	const [first, ...more] = settlements;
	const matters: Matter[] = [];
	const unseen = refused.slice(sum(resolutions.map(({ value }) => value.refunds ?? 0)));
	if (unseen[0])
		matters.push({ kind: 'false_refund', amount: sum(unseen.map(({ value }) => value.due)), atMs: unseen[0].atMs });
	if (!first) return matters;
	if (late.length > 0)
		matters.push({ kind: 'late_change', amount: sum(late.map(({ net }) => Math.abs(net))), atMs: first.atMs });
	if (voided && !resolutions.some(({ value }) => value.kind === 'refund_request'))
		matters.push({ kind: 'refund_request', amount: first.value.due, atMs: voided.atMs });
	const open = more.slice(sum(resolutions.map(({ value }) => value.settlements ?? 0)));
	const [second] = open;
	if (second)
		matters.push({ kind: 'double_settle', amount: sum(open.map(({ value }) => value.due)), atMs: second.atMs });
	return matters;
}

/** The one whose author had seen most; of several that saw the same, the later one by the clock. */
function latest<D extends { readonly n: number }>(all: readonly Stamped<D>[]): Stamped<D> | undefined {
	return inOrder(all)
		.sort((a, b) => a.value.n - b.value.n)
		.at(-1);
}
