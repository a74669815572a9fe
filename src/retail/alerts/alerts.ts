import { compareStrings } from '../../base/bytes.js';
import { BadArgument } from '../../base/errors.js';
import type { LedgerName } from '../../base/ids.js';
import type { Live } from '../../ledger/live.js';
import { checkInteger, checkList, checkName } from '../shop/check.js';
import type { Index } from '../shop/index-of.js';
import { type Outcome, withValue } from '../shop/outcome.js';
import { say } from '../shop/say.js';
import type { Shop } from '../shop/shop.js';
import type { MaybeKeyed } from '../shop/writing.js';
import {
	type Alert,
	type AlertConsumed,
	type AlertDocument,
	type AlertKind,
	type AlertRaised,
	alertId,
	foldAlert,
	type Noticed,
	type Raised,
} from './alert.js';
import { type AlertHandler, Consumer } from './consumer.js';
import type { AlertSource } from './sources.js';
import { Watcher } from './watcher.js';

export interface AlertQuery {
	readonly kind?: AlertKind;
	/** Only what this role subscribed to. */
	readonly role?: string;
}

export interface NewAlert {
	readonly kind: AlertKind;
	readonly subject: string;
	readonly amount?: number;
	readonly summary?: string;
	/** By what happened: whoever raises it under the same name raises the same alert. The key's by default. */
	readonly what?: string;
}

const recentMs = 7 * 86_400_000;
const own: readonly string[] = ['low-stock', 'large-refund', 'task', 'till-silent'];

/** What happened, told once however many devices noticed it, to whoever subscribed. */
export class Alerts {
	readonly #shop: Shop;
	readonly #index: Index<AlertDocument, Raised>;

	constructor(shop: Shop) {
		this.#shop = shop;
		this.#index = shop.index('alerts', 'desk', 'alert', foldAlert);
	}

	/** Raises an alert at this store's desk; answers its id. A vendor's kinds are named `vendor.kind`. */
	async raise(alert: NewAlert, options: MaybeKeyed = {}): Promise<Outcome<string>> {
		const { kind, subject, amount, summary, what = options.idempotencyKey ?? this.#shop.id() } = alert;
		checkKind('kind', kind);
		checkName('subject', subject);
		checkName('what', what);
		if (amount !== undefined) checkInteger('amount', amount);
		if (summary !== undefined) checkName('summary', summary);
		return this.#raise({ ...alert, what }, options);
	}

	#raise(noticed: Noticed, options: MaybeKeyed): Promise<Outcome<string>> {
		const { kind, subject, amount, summary } = noticed;
		const id = alertId(noticed);
		return this.#shop.write('alert.raise', { ...noticed }, options, (w) => {
			w.append<AlertRaised>(this.#shop.desk.name, 'alert', id, {
				...w.head,
				verb: 'alert.raise',
				kind,
				subject,
				...(amount !== undefined && { amount }),
				...(summary !== undefined && { summary }),
			});
			return id;
		});
	}

	/**
	 * Raises what a source sees, from now on and what it sees now. Every till of a store may watch the same: the device where
	 * it happened raises it, another one where that does not. Answers how to end it.
	 */
	watch(source: AlertSource): () => void {
		const watcher = new Watcher(this.#shop, this.#index, source, (noticed) => this.#raise(noticed, {}));
		return () => watcher.stop();
	}

	/** Of the last seven days, at every desk that is kept here; the newest first. */
	recent(query: AlertQuery = {}): Live<readonly Alert[]> {
		if (query.kind !== undefined) checkKind('kind', query.kind);
		return this.#index.read(() =>
			this.#recent(query)
				.reverse()
				.map(({ alert }) => alert),
		);
	}

	/**
	 * Hands every alert to `handler` at least once, by the same id whenever it does so again: after a failure, or where the
	 * till died before it was written down that the handler was done. `name` is kept for ever, so one device of a store runs
	 * the consumer of a name; where several do, each alert reaches one of them at least. Answers how to end it.
	 */
	consume(name: string, handler: AlertHandler, query: AlertQuery = {}): () => void {
		checkName('name', name);
		const consumer = new Consumer({
			shop: this.#shop,
			handler,
			open: () => this.#recent(query).flatMap(({ alert, consumed }) => (consumed.has(name) ? [] : alert)),
			done: async ({ id }) => {
				const ledger = this.#index.ledgerOf(id) ?? this.#shop.desk.name;
				const done = await this.#shop.write('alert.consume', { id, name }, {}, (w) =>
					w.append<AlertConsumed>(ledger, 'alert', id, { ...w.head, verb: 'alert.consume', consumer: name }),
				);
				return done.ok;
			},
			listen: (changed) => this.#index.onChange(changed),
		});
		return () => consumer.stop();
	}

	/** What a role wants to hear of at this store: kinds, `vendor.*`, or `*` for all. */
	async subscribe(role: string, kinds: readonly string[], options: MaybeKeyed = {}): Promise<Outcome<void>> {
		checkName('role', role);
		checkList('kinds', kinds, checkName, 0);
		const done = await this.#shop.write('alert.subscribe', { role, kinds }, options, (w) =>
			say(w, this.#shop, this.#shop.desk.name, [{ cell: 'subscription', key: role, value: { kinds } }]),
		);
		return withValue(done, () => undefined);
	}

	/** The oldest first. */
	#recent({ kind, role }: AlertQuery): Raised[] {
		const sinceMs = this.#shop.nowMs() - recentMs;
		return [...this.#index.values()]
			.filter(({ alert }) => alert.atMs >= sinceMs && (kind ?? alert.kind) === alert.kind)
			.filter((raised) => role === undefined || this.#isWanted(raised, role))
			.sort(({ alert: a }, { alert: b }) => a.atMs - b.atMs || compareStrings(a.id, b.id));
	}

	#isWanted({ alert, ledger }: Raised, role: string): boolean {
		const kinds = this.#subscriptions(ledger).get(role)?.kinds ?? [];
		return kinds.some((wanted) =>
			wanted.endsWith('*') ? alert.kind.startsWith(wanted.slice(0, -1)) : wanted === alert.kind,
		);
	}

	#subscriptions(ledger: LedgerName) {
		return this.#shop.cells<{ readonly kinds: readonly string[] }>(ledger, 'subscription');
	}
}

function checkKind(path: string, kind: string): void {
	checkName(path, kind);
	if (!own.includes(kind) && !/^[^.]+\..+$/.test(kind))
		throw new BadArgument(path, `expected ${own.join(', ')} or vendor.kind, got ${kind}.`);
}
