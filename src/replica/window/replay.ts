import { BadArgument } from '../../base/errors.js';
import type { LedgerName } from '../../base/ids.js';
import { type Json, placeCollection } from '../../ledger/collections.js';
import type { CommitOptions } from '../../ledger/commit.js';
import type { Counter, Pool } from '../../ledger/ledger.js';
import type { SpendOptions, Tx } from '../../ledger/tx.js';
import type { Cell, Log } from '../../ledger/written.js';
import type { Replica } from '../replica.js';
import { fillText } from './holds.js';
import type { CommitAnswer, CommitCall, Verb } from './messages.js';

/** Does in the owner what a window's work did there: the same verbs, the same content, the same key (ESC8). */
export async function replay(till: Replica, { verbs, key, input, result }: CommitCall): Promise<CommitAnswer> {
	const holds: [string, string][] = [];
	const work = (tx: Tx): unknown => {
		holds.length = 0; // the work runs again where its content is asked for
		for (const verb of verbs) redo(till, tx, verb, holds);
		return result === undefined ? undefined : JSON.parse(fillText(result, holds));
	};
	const options: CommitOptions = {
		...(key !== undefined && { idempotencyKey: key }),
		...(input !== undefined && { input: JSON.parse(input) as Json }),
	};
	const outcome = await till.commit(work, options);
	if (!outcome.ok) return outcome;
	const { commit, replayed, value } = outcome;
	return { ok: true, commit, replayed, value: replayed ? value : undefined, holds };
}

/** How each verb is done again. Its tx checks every argument: they come from outside. */
const verbsOf: Readonly<Record<keyof Tx, (tx: Tx, handle: never, args: never) => unknown>> = {
	append: (tx, log: Log<Json>, [entry]: readonly string[]) => tx.append(log, JSON.parse(entry ?? '')),
	set: (tx, cell: Cell<Json>, [value, priority]: readonly [string, number]) =>
		tx.set(cell, JSON.parse(value), priority),
	add: (tx, counter: Counter, [amount]: readonly [number]) => tx.add(counter, amount),
	mint: (tx, pool: Pool, [key, amount, document]: readonly [string, number, string]) =>
		tx.mint(pool, key, amount, document),
	spend: (tx, pool: Pool, [key, amount, options]: readonly [string, number, SpendOptions]) =>
		tx.spend(pool, key, amount, options),
	grant: (tx, pool: Pool, [key, amount, to]: readonly [string, number, string]) => tx.grant(pool, key, amount, to),
	hold: (tx, pool: Pool, [key, amount, options]: readonly [string, number, { readonly leaseMs: number }]) =>
		tx.hold(pool, key, amount, options),
	capture: (tx, pool: Pool, [hold, amount]: readonly [string, number | undefined]) => tx.capture(pool, hold, amount),
	release: (tx, pool: Pool, [hold]: readonly [string]) => tx.release(pool, hold),
	resolve: (tx, ledger: { readonly name: LedgerName }, [exception]: readonly [string]) => tx.resolve(ledger, exception),
	refuse: (tx, _: undefined, [reason]: readonly [string]) => tx.refuse(reason),
};

const onPools: ReadonlySet<string> = new Set(['mint', 'spend', 'grant', 'hold', 'capture', 'release']);

function redo(till: Replica, tx: Tx, verb: Verb, holds: [string, string][]): void {
	const args = verb.args.map((arg) => (typeof arg === 'string' ? fillText(arg, holds) : arg));
	const act = Object.hasOwn(verbsOf, verb.verb) ? verbsOf[verb.verb as keyof Tx] : undefined;
	if (!act) throw new BadArgument('verb', `"${verb.verb}" is none.`);
	const answer = act(tx, handleOf(till, verb) as never, args as never); // the tx looks at each of them
	if (verb.hold !== undefined) holds.push([verb.hold, String(answer)]);
}

/** Schemas have checked their values in the window, and may be others here: logs and cells go by bare handles. */
function handleOf(till: Replica, { verb, ledger, name, pool }: Verb): object | undefined {
	if (verb === 'refuse') return undefined;
	const kept = till.ledger(ledger);
	if (verb === 'resolve') return kept;
	if (onPools.has(verb)) return kept.pool(name, pool);
	return placeCollection({ name, schema: undefined }, { owner: till, ledger, name });
}
