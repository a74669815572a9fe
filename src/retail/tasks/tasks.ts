import type { Id, StoreId } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import { createLive, type Live } from '../../ledger/live.js';
import type { Stamped } from '../../ledger/written.js';
import { checkName } from '../shop/check.js';
import type { Exception } from '../shop/exceptions.js';
import type { Index } from '../shop/index-of.js';
import { ledgers, storeOf } from '../shop/ledgers.js';
import { declined, no, type Outcome, withValue } from '../shop/outcome.js';
import { rights } from '../shop/rights.js';
import type { Shop } from '../shop/shop.js';
import type { Head, MaybeKeyed, StaffId, WriteOptions } from '../shop/writing.js';

export type TaskId = Id<'task'>;

/** Something that a person must do: what the shop found by itself, or somebody wrote down. */
export interface Task {
	readonly id: TaskId;
	/** `oversell`, `debt`, `variance`, `double_settle`, `late_change`, `refund_request` …; a vendor's own is `vendor.kind`. */
	readonly kind: string;
	readonly summary: string;
	readonly store: StoreId;
	readonly state: TaskState;
	/** Who has taken it on. */
	readonly claimedBy?: StaffId;
	readonly outcome?: string;
	readonly atMs: number;
	readonly ext?: Readonly<Record<string, Json>>;
}

export type TaskState = 'open' | 'claimed' | 'done';
type TaskEvent = 'task.open' | 'task.claim' | 'task.resolve';

/** What an event makes of a task; undefined where it changes nothing. */
const next: Readonly<Record<TaskState, Readonly<Record<TaskEvent, TaskState | undefined>>>> = {
	open: { 'task.open': undefined, 'task.claim': 'claimed', 'task.resolve': 'done' },
	claimed: { 'task.open': undefined, 'task.claim': undefined, 'task.resolve': 'done' },
	done: { 'task.open': undefined, 'task.claim': undefined, 'task.resolve': undefined },
};

interface TaskOpened extends Head {
	readonly verb: 'task.open';
	readonly kind: string;
	readonly summary: string;
}
interface TaskClaimed extends Head {
	readonly verb: 'task.claim';
}
interface TaskResolved extends Head {
	readonly verb: 'task.resolve';
	readonly outcome: string;
}
type TaskDocument = TaskOpened | TaskClaimed | TaskResolved;

export interface TaskQuery {
	readonly state?: TaskState;
	readonly kind?: string;
}

/** One list of all that people must look at. Each is resolved once, by whoever holds its right (ESC5). */
export class Tasks {
	readonly #shop: Shop;
	readonly #index: Index<TaskDocument, Task>;

	constructor(shop: Shop) {
		this.#shop = shop;
		this.#index = shop.index('tasks', 'desk', 'task', foldTask);
	}

	/** The oldest first. */
	list(query: TaskQuery = {}): Live<readonly Task[]> {
		const parts = [
			this.#index.read(() => undefined),
			...[...this.#shop.exceptions].map(({ exceptions }) => exceptions),
		];
		const read = () =>
			this.#all()
				.filter(({ state, kind }) => (query.state ?? state) === state && (query.kind ?? kind) === kind)
				.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
		let version = 0;
		const listen = (changed: () => void) => {
			const told = () => {
				version++;
				changed();
			};
			const ends = parts.map((part) => part.subscribe(told));
			return () => {
				for (const end of ends) end();
			};
		};
		// Without a listener nobody counts what changed: then each look is a new one.
		let listeners = 0;
		const live = createLive({
			version: () => (listeners > 0 ? version : {}),
			read,
			timers: this.#shop.platform.timers,
			listen: (changed) => {
				listeners++;
				const end = listen(changed);
				return () => {
					listeners--;
					end();
				};
			},
		});
		return live;
	}

	get(id: TaskId): Task | undefined {
		return this.#written(id) ?? this.#all().find((task) => task.id === id);
	}

	/** Writes a task down at this store's desk. A vendor's kinds are named `vendor.kind`. */
	async open(
		task: { readonly kind: `${string}.${string}`; readonly summary: string },
		options: WriteOptions,
	): Promise<Outcome<TaskId>> {
		checkName('kind', task.kind);
		checkName('summary', task.summary);
		return this.#shop.writeKeyed('task.open', task, options, (w) => {
			const id = this.#shop.id();
			const desk = ledgers.desk(this.#shop.store);
			w.append(desk, 'task', id, { ...w.head, ...task });
			rights.mint(w, this.#shop, desk, `task:${id}`);
			return id;
		});
	}

	/** Says who takes it on: others see it, and may resolve it all the same. */
	async claim(id: TaskId, options: MaybeKeyed = {}): Promise<Outcome<void>> {
		checkName('id', id);
		const task = this.get(id);
		if (!task) return declined('unknown_task', this.#shop.settings.locale, id);
		const ledger = this.#index.ledgerOf(id) ?? ledgers.desk(task.store);
		return this.#shop.write('task.claim', { id }, options, ({ tx, head, append }) => {
			if (this.get(id)?.state !== 'open') tx.refuse(no('wrong_state', id));
			append(ledger, 'task', id, head);
		});
	}

	/**
	 * Uses up the one right to resolve it, which is fetched first where another device has it. Refuses `already_resolved`,
	 * `unknown_task`.
	 */
	async resolve(id: TaskId, { outcome }: { readonly outcome: string }, options: WriteOptions): Promise<Outcome<void>> {
		checkName('id', id);
		checkName('outcome', outcome);
		const ledger = this.#index.ledgerOf(id);
		if (ledger === undefined || !this.#written(id)) return this.#resolveFound(id, outcome, options);
		await rights.fetch(this.#shop, ledger, `task:${id}`);
		const done = await this.#shop.writeKeyed('task.resolve', { id, outcome }, options, (w) => {
			rights.use(w, this.#shop, ledger, `task:${id}`, outcome);
			w.append(ledger, 'task', id, { ...w.head, outcome });
			return null;
		});
		return withValue(done, () => undefined);
	}

	async #resolveFound(id: TaskId, outcome: string, options: WriteOptions): Promise<Outcome<void>> {
		for (const source of this.#shop.exceptions)
			if (source.exceptions.get().some((exception) => exception.id === id)) return source.resolve(id, outcome, options);
		return declined('unknown_task', this.#shop.settings.locale, id);
	}

	/** A task that somebody wrote down. Of what the shop found there may be a claim in the index, without a kind. */
	#written(id: TaskId): Task | undefined {
		const task = this.#index.get(id);
		return task?.kind ? task : undefined;
	}

	#all(): Task[] {
		const written = new Map<TaskId, Task>();
		for (const task of this.#index.values()) written.set(task.id, task);
		for (const source of this.#shop.exceptions)
			for (const exception of source.exceptions.get()) {
				const claim = written.get(exception.id);
				written.set(exception.id, taskOf(exception, claim));
			}
		return [...written.values()].filter(({ kind }) => kind !== '');
	}
}

/** What the shop found, with who said that he takes it on. */
function taskOf({ id, kind, store, subject, amount, atMs, state, outcome }: Exception, claim: Task | undefined): Task {
	const claimedBy = claim?.claimedBy;
	return {
		id,
		kind,
		summary: amount === 0 ? subject : `${subject}: ${amount}`,
		store,
		state: state === 'open' && claim?.state === 'claimed' ? 'claimed' : state,
		atMs,
		...(claimedBy !== undefined && { claimedBy }),
		...(outcome !== undefined && { outcome }),
	};
}

function foldTask(id: TaskId, entries: readonly Stamped<TaskDocument>[], ledger: string): Task | undefined {
	let task: Task = { id, kind: '', summary: '', store: storeOf(ledger), state: 'open', atMs: entries[0]?.atMs ?? 0 };
	for (const { value, atMs } of entries) {
		const state = next[task.state][value.verb] ?? task.state;
		if (value.verb === 'task.open')
			task = { ...task, kind: value.kind, summary: value.summary, atMs, ...(value.ext && { ext: value.ext }) };
		else if (state !== task.state)
			task = {
				...task,
				state,
				...(value.verb === 'task.claim' && value.by !== undefined && { claimedBy: value.by }),
				...(value.verb === 'task.resolve' && { outcome: value.outcome }),
			};
	}
	return entries.length === 0 ? undefined : task;
}
