/** What it would cost to keep journals in live Yjs documents instead of rows (docs/decisions/0001-rows-are-the-truth.md). */
import * as Y from 'yjs';
import { nodePlatform } from '../adapters/platform-node/index.js';
import { assert } from '../src/base/assert.js';
import { limits } from '../src/base/limits.js';
import { type EpochName, epochIdOf, rootName } from '../src/journal/epoch.js';
import { gateUpdate } from '../src/journal/gate.js';
import { encodeUpdate, type Run } from '../src/journal/update.js';
import { keys, toRecord } from '../src/replica/records.js';
import { round, rounds, shown, taken } from './rounds.js';
import type { Table } from './table.js';

const name: EpochName = { ledger: 'stock/sh-014', segment: 0, device: 'till-1', nonce: '2gosa7pa2gv' };
const epoch = epochIdOf(name, nodePlatform().crypto.sha256);
const entryBytes = 128;

type Work = readonly Uint8Array[];

/** Microseconds that `run` takes for each of `count` things. */
function time(count: number, run: () => void): number {
	const start = performance.now();
	run();
	return ((performance.now() - start) * 1_000) / count;
}

function pushIntoYjs(entries: Work): number {
	const doc = new Y.Doc({ gc: false });
	doc.clientID = epoch;
	let bytes = 0;
	doc.on('update', (update: Uint8Array) => {
		bytes += update.length;
	});
	const array = doc.getArray<Uint8Array>(rootName(name));
	const us = time(entries.length, () => {
		for (const entry of entries) array.push([entry]);
	});
	assert(bytes > entries.length * entryBytes, 'JRN2', 'Yjs gave no updates');
	return us;
}

function pushRows(entries: Work): number {
	const rows: Uint8Array[] = [];
	let bytes = 0;
	return time(entries.length, () => {
		for (const entry of entries) {
			const from = rows.push(entry) - 1;
			bytes += encodeUpdate([{ epoch, name, from, entries: [entry] }]).length;
		}
		assert(bytes > entries.length * entryBytes, 'JRN2', 'no updates were written');
	});
}

const whole = (entries: Work): Uint8Array => encodeUpdate([{ epoch, name, from: 0, entries } satisfies Run]);

function openYjs(entries: Work): number {
	const update = whole(entries);
	return time(entries.length, () => Y.applyUpdate(new Y.Doc({ gc: false }), update));
}

function openRows(entries: Work): number {
	const update = whole(entries);
	return time(entries.length, () => {
		assert(gateUpdate(update, Number.POSITIVE_INFINITY).ok, 'JRN2', 'the gate refuses what we wrote');
	});
}

function record(entries: Work): number {
	return time(entries.length, () => {
		for (const [i, entry] of entries.entries()) toRecord(keys.row(epoch, i), entry);
	});
}

const lines = [
	['yjsPushUs', 'Y.Array.push, one transaction and update event each', pushIntoYjs],
	['rowsPushUs', 'a row and encodeUpdate each', pushRows],
	['yjsOpenUs', 'Y.applyUpdate of all', openYjs],
	['rowsOpenUs', 'gateUpdate of all', openRows],
	['recordUs', 'a storage record with its checksum', record],
] as const;

export async function rows({ quick = false }: { readonly quick?: boolean } = {}): Promise<Table> {
	const count = limits.segmentRows;
	const entries = Array.from({ length: count }, (_, i) => new Uint8Array(entryBytes).fill(i & 0xff));
	const measured = await rounds(
		lines.map(
			([, , run]) =>
				() =>
					run(entries),
		),
		quick ? 5 : 41,
		5,
	);
	const figures: Record<string, number> = {};
	for (const [i, [key]] of lines.entries()) figures[key] = round(taken(measured[i] ?? []).median);
	return {
		title: 'rows: journals as rows, and as live Yjs documents',
		note: `µs an entry of ${entryBytes} bytes, ${count} entries, a segment, in one epoch; median (least-most) of alternating rounds.`,
		columns: ['what', 'µs'],
		rows: lines.map(([, what], i) => [what, shown(taken(measured[i] ?? []))]),
		figures,
	};
}
