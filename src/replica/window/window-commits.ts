import { BadArgument, type RefusalCode, TillmeshError } from '../../base/errors.js';
import type { HoldId, LedgerName, PoolId } from '../../base/ids.js';
import { checkName } from '../../base/limits.js';
import { canonicalJson } from '../../ledger/collections.js';
import { type CommitOptions, runWork } from '../../ledger/commit.js';
import type { Pool, PoolOptions, PoolPolicy } from '../../ledger/ledger.js';
import { Committed, type Holder, type Outcome, type ReachedBy, type Refused, refused } from '../../ledger/outcome.js';
import { type Tx, type TxContext, WorkTx } from '../../ledger/tx.js';
import type { Caller } from './caller.js';
import type { Follower } from './follower.js';
import { fillValue } from './holds.js';
import type { CommitAnswer, CommitCall } from './messages.js';
import { Recorder } from './recorder.js';

export interface WindowCommitsParts {
	readonly follower: Follower;
	readonly caller: Caller;
	/** Whose collections are the window's. */
	readonly owner: object;
	/** Unlike what any other window draws. */
	readonly window: string;
	readonly declared: (pool: Pool) => PoolOptions | undefined;
	readonly policy: (ledger: LedgerName, pool: Pool) => PoolPolicy;
	readonly holders: (ledger: LedgerName, pool: PoolId) => readonly Holder[];
	readonly restriction: () => RefusalCode | undefined;
	readonly reached: ReachedBy;
}

/** Holds whose provisional names a window still understands. */
const holdsKept = 1024;

/** Runs work in the window, by its own view, and has the owner do the same. */
export class WindowCommits {
	readonly #parts: WindowCommitsParts;
	readonly #context: TxContext;
	readonly #holds = new Map<HoldId, HoldId>();
	#lastHold = 0;
	#running = false;

	constructor(parts: WindowCommitsParts) {
		this.#parts = parts;
		const { follower } = parts;
		this.#context = {
			books: follower.books,
			owner: parts.owner,
			get device() {
				return follower.about.device;
			},
			restriction: parts.restriction,
			holders: parts.holders,
			nextHold: () => `hold-${parts.window}-${++this.#lastHold}.`,
			policy: parts.policy,
		};
	}

	/**
	 * A refusal by the window's own view is the answer at once; beside a key the owner is asked all the same, for the key may
	 * stand for a commit that went through (ESC8). The promise resolves when this window's view shows the commit.
	 */
	commit<T>(work: (tx: Tx) => T, options: CommitOptions): Promise<Outcome<T>> {
		try {
			return this.#commit(work, options);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/** By the window's own view. */
	rehearse(work: (tx: Tx) => unknown): Refused | undefined {
		const { refusal } = this.#run(work, true).tx;
		return refusal && refused(refusal.code, refusal.short, refusal.reason);
	}

	#commit<T>(work: (tx: Tx) => T, { idempotencyKey: key, input, alongside }: CommitOptions): Promise<Outcome<T>> {
		const { caller, follower } = this.#parts;
		if (caller.closed) throw caller.closed;
		if (alongside !== undefined)
			throw new TillmeshError(
				'unavailable',
				'A window writes nothing alongside: the process that owns the replica does.',
			);
		if (this.#running) throw new BadArgument('work', 'commits inside a work function.');
		if (typeof work !== 'function') throw new BadArgument('work', 'expected a function.');
		if (key !== undefined) checkName('idempotencyKey', key);
		let run = this.#run(work, key === undefined || !follower.knows(key));
		const { refusal } = run.tx;
		if (refusal) {
			if (key === undefined) return Promise.resolve(refused(refusal.code, refusal.short, refusal.reason));
			run = this.#run(work, false);
		}
		const { tx, verbs, value } = run;
		if (verbs.length === 0) throw new BadArgument('work', 'did nothing.');
		const call: CommitCall = {
			verbs,
			key,
			input: key === undefined || input === undefined ? undefined : canonicalJson('input', input),
			result: key === undefined || value === undefined ? undefined : canonicalJson('result', value),
		};
		const settled = follower.expect(tx.legs);
		return caller.call('commit', [call], { settled }).then((answer) => this.#outcome(value, answer));
	}

	#run<T>(work: (tx: Tx) => T, checks: boolean) {
		const { owner, declared } = this.#parts;
		const tx = new WorkTx(this.#context, checks);
		const recorder = new Recorder({ inner: tx, owner, declared, holdOf: (hold) => this.#holds.get(hold) ?? hold });
		this.#running = true;
		try {
			return { value: runWork(work, tx, recorder), verbs: recorder.verbs, tx };
		} finally {
			this.#running = false;
		}
	}

	#outcome<T>(value: T, answer: CommitAnswer): Outcome<T> {
		if (!answer.ok) return answer;
		const { commit, replayed, holds } = answer;
		for (const [provisional, real] of holds) this.#holds.set(provisional, real);
		for (const oldest of this.#holds.keys()) {
			if (this.#holds.size <= holdsKept) break;
			this.#holds.delete(oldest);
		}
		const real = replayed ? answer.value : fillValue(value, holds);
		return new Committed(real as T, commit, replayed, this.#parts.reached); // the work's, but for the names of holds
	}
}
