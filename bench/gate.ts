/** What it costs to take an update from a stranger: read it, follow its hash chain, check its seal; Yjs beside us. */
import * as Y from 'yjs';
import { nodePlatform } from '../adapters/platform-node/index.js';
import { assert } from '../src/base/assert.js';
import { type EpochName, epochIdOf } from '../src/journal/epoch.js';
import { gateUpdate } from '../src/journal/gate.js';
import { chainNext, chainStart, seal, verifySeal } from '../src/journal/seal.js';
import { encodeUpdate } from '../src/journal/update.js';
import type { Table } from './table.js';

const { crypto } = nodePlatform();
/** As long as a sale of three lines with points and tender. */
const entryBytes = 128;
const name: EpochName = { ledger: 'stock/sh-014', segment: 0, device: 'till-1', nonce: '2gosa7pa2gv' };
const epoch = epochIdOf(name, crypto.sha256);

/** One journal, cut into consecutive updates of `entriesEach`. */
function journal(updates: number, entriesEach: number): { entries: Uint8Array[][]; updates: Uint8Array[] } {
	const entries = Array.from({ length: updates }, (_, i) =>
		Array.from({ length: entriesEach }, (_, j) => new Uint8Array(entryBytes).fill((i * entriesEach + j) & 0xff)),
	);
	const runs = entries.map((each, i) => ({ epoch, name, from: i * entriesEach, entries: each }));
	return { entries, updates: runs.map((run) => encodeUpdate([run])) };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Goes through all updates once. */
type Pass = () => void | Promise<void>;

/** Microseconds an update, each pass's median over `rounds`; rounds alternate, so that noise falls on everybody. */
async function race(passes: readonly Pass[], updates: number, rounds: number): Promise<number[]> {
	const times = passes.map((): number[] => []);
	const warmUp = 12;
	for (let round = 0; round < rounds + warmUp; round++)
		for (const [i, pass] of passes.entries()) {
			const start = performance.now();
			await pass();
			if (round >= warmUp) times[i]?.push(((performance.now() - start) * 1_000) / updates);
		}
	return times.map(median);
}

async function measure(updateCount: number, entriesEach: number, rounds: number): Promise<Cost> {
	const { entries, updates } = journal(updateCount, entriesEach);
	const pair = await crypto.generateKeyPair();
	const start = chainStart(name, crypto.sha256);
	const sealed = await seal(crypto, pair, epoch, entriesEach, start);
	// A signature takes as long for one update as for the next: twenty of them tell.
	const seals = 20;
	const parse: Pass = () => {
		let taken = 0;
		for (const update of updates) if (gateUpdate(update).ok) taken++;
		assert(taken === updates.length, 'JRN2', 'the bench sends what the gate refuses');
	};
	const chain: Pass = () => {
		let hash = start;
		for (const each of entries) for (const entry of each) hash = chainNext(hash, entry, crypto.sha256);
	};
	const verify: Pass = async () => {
		for (let i = 0; i < seals; i++)
			assert(await verifySeal(crypto, pair.publicKey, sealed, start), 'JRN8', 'the bench checks a seal that fails');
	};
	const decode: Pass = () => {
		for (const update of updates) Y.decodeUpdate(update);
	};
	const apply: Pass = () => {
		// Each update finds the document in the state that it goes on from.
		const doc = new Y.Doc({ gc: false });
		for (const update of updates) Y.applyUpdate(doc, update);
	};
	const [parseUs = 0, hashUs = 0, decodeUs = 0, applyUs = 0] = await race(
		[parse, chain, decode, apply],
		updateCount,
		rounds,
	);
	const [sealUs = 0] = await race([verify], seals, rounds);
	return { parseUs, hashUs, sealUs, decodeUs, applyUs };
}

interface Cost {
	readonly parseUs: number;
	readonly hashUs: number;
	readonly sealUs: number;
	readonly decodeUs: number;
	readonly applyUs: number;
}

const lines: readonly (readonly [keyof Cost, string])[] = [
	['parseUs', 'gate: parse'],
	['hashUs', 'gate: SHA-256 chain'],
	['sealUs', 'gate: Ed25519 seal'],
	['decodeUs', 'Y.decodeUpdate'],
	['applyUs', 'Y.applyUpdate'],
];

const rounded = (value: number): number => Number(value.toFixed(3));

export async function gate({ quick = false }: { quick?: boolean } = {}): Promise<Table> {
	const rounds = quick ? 5 : 25;
	const single = await measure(2_000, 1, rounds);
	const hundred = await measure(100, 100, rounds);
	const figures: Record<string, number> = {};
	for (const [key] of lines) figures[key] = rounded(single[key]);
	for (const [key] of lines) figures[`hundredEntries.${key}`] = rounded(hundred[key]);
	return {
		title: 'gate: taking an update from a stranger',
		note: `µs an update, entries of ${entryBytes} bytes, median of ${rounds} alternating rounds. One journal in consecutive updates; each is applied to a document that holds what came before.`,
		columns: ['what', '1 entry, µs', '100 entries, µs'],
		rows: lines.map(([key, what]) => [what, single[key].toFixed(2), hundred[key].toFixed(2)]),
		figures,
	};
}
