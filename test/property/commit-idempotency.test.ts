import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CommitOptions, KeyReused, type Outcome, type Replica, type Tx } from '../../src/index.js';
import { runs, storedBytes, World } from './escrow-world.js';

const ledger = 'stock/a';

/** What an intent does. The same intent does the same whenever it runs; two intents differ in some way. */
interface Intent {
	readonly spend: number;
	readonly soft: number;
	readonly again: number;
	readonly note: string;
	readonly mint: string;
	readonly cash: boolean;
}

const intents = fc.record<Intent>({
	spend: fc.integer({ min: 1, max: 4 }),
	soft: fc.integer({ min: 0, max: 3 }),
	again: fc.nat(2),
	note: fc.constantFrom('', 'n'),
	mint: fc.constantFrom('', 'D1', 'D2'),
	cash: fc.boolean(),
});

const steps = fc.array(
	fc.oneof(
		{
			weight: 8,
			arbitrary: fc.record({
				what: fc.constantFrom('once' as const, 'double-tap' as const),
				key: fc.constantFrom('k1', 'k2', 'k3'),
				intent: fc.nat(2),
				input: fc.boolean(),
			}),
		},
		{ weight: 1, arbitrary: fc.record({ what: fc.constant('mint' as const), amount: fc.integer({ min: 1, max: 9 }) }) },
		{
			weight: 1,
			arbitrary: fc.record({ what: fc.constantFrom('restart' as const, 'crash' as const, 'sync' as const) }),
		},
	),
	{ minLength: 3, maxLength: 16 },
);

/** What an intent asks of the library: one soft spend is the same wherever the intent keeps it. */
const asked = ({ soft, again, ...rest }: Intent): string =>
	JSON.stringify([rest, [soft, again].filter((amount) => amount > 0)]);

function workOf(replica: Replica, { spend, soft, again, note, mint, cash }: Intent) {
	const book = replica.ledger(ledger);
	const hard = book.pool('hard');
	const loose = book.pool('soft', { policy: 'soft' });
	const log = book.log<string>('notes');
	const drawer = replica.ledger('cash/a').counter('drawer');
	return (tx: Tx): string => {
		if (mint) tx.mint(loose, 'x', 2, mint);
		tx.spend(hard, 'x', spend);
		// Where a share ends, one spend falls into two legs: that must not make the content another.
		if (soft > 0) tx.spend(loose, 'x', soft);
		if (again > 0) tx.spend(loose, 'x', again);
		if (note) tx.append(log, note);
		if (cash) tx.add(drawer, spend);
		return `spent ${spend}`;
	};
}

test('ESC8 a key gives its first result for the same content, throws for other content, and stores no refusal', async () => {
	await fc.assert(
		fc.asyncProperty(
			steps,
			fc.uniqueArray(intents, { minLength: 3, maxLength: 3, selector: asked }),
			fc.integer(),
			async (history, kinds, seed) => {
				const world = new World(seed);
				const storage = world.memory();
				let replica = await world.open('till', storage);
				let documents = 0;
				const first = new Map<string, { content: string; commit: string; value: string }>();
				let [spent, lines] = [0, 0];

				const tap = async (key: string, intent: Intent, input: boolean): Promise<void> => {
					const content = JSON.stringify([input, intent]);
					const options: CommitOptions = input
						? { idempotencyKey: key, input: { ...intent } }
						: { idempotencyKey: key };
					const known = first.get(key);
					const mine = replica.ledger(ledger).pool('hard').mine('x');
					let outcome: Outcome<string>;
					try {
						outcome = await replica.commit(workOf(replica, intent), options);
					} catch (error) {
						expect(error).toBeInstanceOf(KeyReused);
						expect(known?.content).not.toBe(content);
						expect((error as KeyReused).first).toBe(known?.commit);
						return;
					}
					const now = first.get(key);
					if (now) {
						expect(outcome).toEqual({ ok: true, value: now.value, commit: now.commit, replayed: true });
						expect(now.content).toBe(content);
						return;
					}
					expect(outcome.ok).toBe(mine >= intent.spend);
					if (!outcome.ok) return;
					expect(outcome).toMatchObject({ value: `spent ${intent.spend}`, replayed: false });
					first.set(key, { content, commit: outcome.commit, value: outcome.value });
					spent += intent.spend;
					if (intent.note) lines++;
				};

				for (const step of history) {
					if (step.what === 'mint')
						await replica.commit((tx) =>
							tx.mint(replica.ledger(ledger).pool('hard'), 'x', step.amount, `M${documents++}`),
						);
					else if (step.what === 'once') await tap(step.key, kinds[step.intent] as Intent, step.input);
					else if (step.what === 'double-tap') {
						const intent = kinds[step.intent] as Intent;
						await Promise.all([tap(step.key, intent, step.input), tap(step.key, intent, step.input)]);
					} else if (step.what !== 'sync') {
						if (step.what === 'crash') storage.crash();
						else await replica.shutdown();
						replica = await world.open('till', storage);
					} else await world.pass(10);
					expect(replica.ledger(ledger).pool('hard').total('x').get().spent).toBe(spent);
					expect(replica.ledger(ledger).log('notes').all().get().length).toBe(lines);
				}
				// Everything once more, after a restart: nothing is written.
				await replica.shutdown();
				replica = await world.open('till', storage);
				const before = await storedBytes(storage);
				for (const [key, { content, value, commit }] of first) {
					const [input, intent] = JSON.parse(content) as [boolean, Intent];
					const options = input ? { idempotencyKey: key, input: { ...intent } } : { idempotencyKey: key };
					const outcome = await replica.commit(workOf(replica, intent), options);
					expect(outcome).toEqual({ ok: true, value, commit, replayed: true });
				}
				expect(await storedBytes(storage)).toBe(before);
			},
		),
		{ numRuns: runs },
	);
});
