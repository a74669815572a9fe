import { clockSkewMaxMs } from '../base/clock.js';
import type { DeviceId, LedgerName } from '../base/ids.js';
import { lateIn } from '../escrow/late.js';
import { conserve, type Exception } from '../escrow/share.js';
import type { Epoch } from '../journal/journal.js';
import { readHeads, rowsAfter } from '../journal/revocation.js';
import { revokedLog, revokes } from '../journal/warden.js';
import { type Copy, namesOf } from './copy.js';

/** What may be wrong with what a till or relay keeps. A code never changes its meaning. */
export const troubles = {
	cloned: 'error',
	fenced: 'error',
	not_conserved: 'error',
	negative_share: 'error',
	negative_held: 'error',
	upgrade_required: 'error',
	forked_device: 'warning',
	not_allowed: 'warning',
	waiting_rows: 'warning',
	clock_ahead: 'warning',
	open_exceptions: 'warning',
	after_revocation: 'warning',
	unsealed_rows: 'note',
	late_entries: 'note',
	fenced_device: 'note',
	not_compacted: 'note',
} as const;

export type Trouble = keyof typeof troubles;

/** One thing that somebody should know. Which fields it has, its code says. */
export interface Finding {
	readonly code: Trouble;
	readonly severity: 'error' | 'warning' | 'note';
	readonly ledger?: LedgerName;
	readonly device?: DeviceId;
	readonly name?: string;
	readonly pool?: string;
	readonly amount?: number;
	/** Of exceptions: `oversell`, `double-mint`, `double-key`. */
	readonly kind?: Exception['kind'];
	/** Names of what it is about, as many as are worth reading. */
	readonly subjects?: readonly string[];
	/** When it happened, by this device's clock. */
	readonly atMs?: number;
}

export interface LedgerFacts {
	readonly ledger: LedgerName;
	readonly rows: number;
	readonly epochs: number;
	readonly bytes: number;
	readonly waiting: number;
	/** Rows that a checkpoint covers, here or dropped. */
	readonly covered: number;
	/** By any writer's clock; undefined where no rows are here. */
	readonly newestMs: number | undefined;
}

export interface Diagnosis {
	readonly kind: Copy['kind'];
	readonly chain: string;
	readonly device: DeviceId | undefined;
	readonly name: string | undefined;
	/** Of the file. */
	readonly bytes: number;
	readonly ledgers: readonly LedgerFacts[];
	/** The worst first. */
	readonly findings: readonly Finding[];
}

const subjectsMost = 5;
/** A home writes checkpoints long before: nobody in reach has been one. */
const rowsWithoutCheckpoint = 8_192;

/** Looks at a copy as a doctor does; changes nothing. */
export function diagnose(copy: Copy, nowMs: number): Diagnosis {
	const names = namesOf(copy);
	const ledgers = ledgersOf(copy).map((ledger) => factsOf(copy, ledger));
	const found = [
		...ofOneself(copy),
		...ledgers.flatMap((facts) => [...ofBooks(copy, facts.ledger), ...ofRows(copy, facts)]),
		...ofDevices(copy, nowMs),
		...ofRevoked(copy),
		...ofRefused(copy),
	];
	const ranks = ['error', 'warning', 'note'];
	const findings = found
		.map(({ code, ...more }): Finding => {
			const name = more.device === undefined ? undefined : names.get(more.device);
			return { code, severity: troubles[code], ...more, ...(name !== undefined && { name }) };
		})
		.sort((a, b) => ranks.indexOf(a.severity) - ranks.indexOf(b.severity));
	const { kind, chain, device, bytes } = copy;
	return { kind, chain, device, name: device && names.get(device), bytes, ledgers, findings };
}

type Found = Omit<Finding, 'severity' | 'name'>;

function ledgersOf({ journal, view }: Copy): LedgerName[] {
	return [...new Set([...journal.ledgers(), ...view.bases()])].sort();
}

function factsOf({ journal, view }: Copy, ledger: LedgerName): LedgerFacts {
	const epochs = [...journal.in(ledger)];
	const sum = (of: (epoch: Epoch) => number) => epochs.reduce((all, epoch) => all + of(epoch), 0);
	let covered = 0;
	for (const { count } of view.base(ledger)?.cut.values() ?? []) covered += count;
	return {
		ledger,
		rows: sum(({ count }) => count),
		epochs: epochs.length,
		bytes: sum(({ rows }) => rows.reduce((bytes, row) => bytes + row.length, 0)),
		waiting: sum((epoch) => Math.max(0, epoch.count - view.at(epoch.id))),
		covered,
		newestMs: epochs.length > 0 ? Math.max(...epochs.map((epoch) => epoch.timeAt(epoch.count - 1))) : undefined,
	};
}

/** The device whose disk this is. */
function* ofOneself({ device, kind, journal, books }: Copy): Generator<Found> {
	if (kind !== 'till' || device === undefined) return;
	if (journal.forked.has(device)) yield { code: 'cloned', device };
	const by = [...books.names()].filter((ledger) => books.of(ledger).escrow.fenced(device));
	if (by.length > 0) yield { code: 'fenced', device, subjects: by.slice(0, subjectsMost) };
}

function* ofBooks({ books }: Copy, ledger: LedgerName): Generator<Found> {
	const { escrow } = books.of(ledger);
	for (const { what, pool, device, amount } of conserve(escrow))
		yield { code: what, ledger, pool, amount, ...(device !== undefined && { device }) };
	if (escrow.stopped.size > 0) {
		const subjects = [...escrow.stopped.keys()].slice(0, subjectsMost);
		yield { code: 'upgrade_required', ledger, amount: escrow.stopped.size, subjects };
	}
	for (const kind of ['oversell', 'double-mint', 'double-key'] as const) {
		const open = [...escrow.exceptions.values()].filter((each) => each.kind === kind && escrow.isOpen(each));
		if (open.length === 0) continue;
		const subjects = [...new Set(open.map(({ subject }) => subject))].slice(0, subjectsMost);
		yield { code: 'open_exceptions', ledger, kind, amount: open.length, subjects };
	}
}

function* ofRows(copy: Copy, { ledger, rows, covered, waiting }: LedgerFacts): Generator<Found> {
	const { journal, view, books } = copy;
	const epochs = [...journal.in(ledger)];
	if (waiting > 0) {
		const stuck = epochs.filter((epoch) => epoch.count > view.at(epoch.id));
		const missing = new Set(stuck.flatMap(({ id }) => [...(view.blocked.get(id) ?? [])]));
		const subjects = [...missing].flatMap((id) => journal.get(id)?.name.ledger ?? journal.ancestor(id)?.ledger ?? []);
		yield { code: 'waiting_rows', ledger, amount: waiting, subjects: [...new Set(subjects)].slice(0, subjectsMost) };
	}
	const unsealed = epochs.reduce(
		(sum, { count, sealed, name }) => sum + (name.device === copy.device ? 0 : count - sealed),
		0,
	);
	const isOwn = (epoch: Epoch) => copy.former.includes(epoch.name.device);
	if (unsealed > 0 && !epochs.some(isOwn)) yield { code: 'unsealed_rows', ledger, amount: unsealed };
	const { fences } = books.of(ledger).escrow;
	for (const device of new Set(fences.map((fence) => fence.device))) {
		yield { code: 'fenced_device', ledger, device };
		let late = 0;
		for (const { id, name } of epochs) if (name.device === device) late += lateIn(fences, device, id, view.at(id));
		if (late > 0) yield { code: 'late_entries', ledger, device, amount: late };
	}
	if (covered === 0 && rows > rowsWithoutCheckpoint) yield { code: 'not_compacted', ledger, amount: rows };
}

/** The newest first, each kind once. */
function* ofRefused({ refused }: Copy): Generator<Found> {
	for (const { ledger, device, reason, atMs } of [...refused].sort((a, b) => b.atMs - a.atMs))
		yield { code: 'not_allowed', ledger, device, subjects: [reason], atMs };
}

/** What came of a device after those heads at which its sessions were ended. */
function* ofRevoked({ books, journal }: Copy): Generator<Found> {
	for (const kept of books.names())
		for (const [log, { entries }] of books.of(kept).logs) {
			const ending = log.startsWith(`${revokedLog}/`) ? entries.find(({ value }) => revokes(value)) : undefined;
			if (!ending) continue;
			const device = log.slice(revokedLog.length + 1);
			for (const [ledger, heads] of readHeads(ending.value)) {
				const amount = rowsAfter(journal, ledger, device, heads);
				if (amount > 0) yield { code: 'after_revocation', ledger, device, amount, atMs: ending.time.ms };
			}
		}
}

/** Other devices: those with two branches, and those whose clock ran ahead of ours. */
function* ofDevices({ journal, device: own }: Copy, nowMs: number): Generator<Found> {
	for (const device of journal.forked) if (device !== own) yield { code: 'forked_device', device };
	const ahead = new Map<DeviceId, number>();
	for (const epoch of journal.all()) {
		const ms = epoch.timeAt(epoch.count - 1) - nowMs;
		const { device } = epoch.name;
		if (ms > clockSkewMaxMs) ahead.set(device, Math.max(ms, ahead.get(device) ?? 0));
	}
	for (const [device, ms] of ahead) yield { code: 'clock_ahead', device, amount: Math.round(ms / 1_000) };
}
