/** What it takes to forget a member: the document, and the key of what is known of them, in memory and on SQLite. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type ByteStore, sealedPersonal } from '../adapters/at-rest/index.js';
import { memory } from '../adapters/storage-memory/index.js';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import type { StorageAdapter } from '../src/ports/index.js';
import { openTill } from '../src/till.js';
import { quantile } from './rounds.js';
import type { BenchOptions, Table } from './table.js';

const person = { name: 'Ada Lovelace-Byron', phone: '138-7766-5544', birthday: '1815-12-10' };

function inMemory(): ByteStore {
	const known = new Map<string, Uint8Array>();
	return {
		get: async (name) => known.get(name),
		put: async (name, bytes) => void known.set(name, bytes),
		delete: async (name) => void known.delete(name),
	};
}

/** Microseconds that each erasure took, one after the other. */
async function erasures(storage: StorageAdapter, count: number): Promise<number[]> {
	const personal = sealedPersonal({ data: inMemory(), keys: inMemory() });
	const till = await openTill({
		chain: 'bench',
		store: 'sh-014',
		name: 'till-1',
		storage,
		zone: 'Asia/Shanghai',
		currency: { code: 'CNY', decimals: 2 },
		members: { secret: 'sixteen bytes or more', personal },
	});
	const took: number[] = [];
	try {
		const ids = Array.from({ length: count }, (_, i) => `member-${i}`);
		for (const id of ids) {
			const made = await till.members.register({ id, personal: person }, { idempotencyKey: id });
			if (!made.ok) throw new Error(made.message);
		}
		for (const id of ids) {
			const startMs = performance.now();
			const gone = await till.members.erase(id, { idempotencyKey: `erase ${id}` });
			if (!gone.ok) throw new Error(gone.message);
			took.push((performance.now() - startMs) * 1_000);
		}
		for (const id of ids) if (await personal.get(id)) throw new Error(`${id} is known yet.`);
	} finally {
		await till.shutdown();
	}
	return took;
}

export async function erase({ quick = false }: BenchOptions = {}): Promise<Table> {
	const count = quick ? 50 : 1_000;
	mkdirSync('bench/.data', { recursive: true });
	const folder = mkdtempSync('bench/.data/erase-');
	try {
		const all = [
			['in memory', await erasures(memory(), count)],
			['SQLite, each on disk', await erasures(sqlite(`${folder}/till.db`), count)],
		] as const;
		const us = (value: number) => Number(value.toFixed(1));
		return {
			title: 'erase: a member is forgotten',
			note: `${count} erasures one after the other: the document is written, and the key of what is known of the member destroyed (keys in memory); after that nothing of anybody is found.`,
			columns: ['storage', 'p50 µs', 'p99 µs'],
			rows: all.map(([name, took]) => [name, us(quantile(took, 0.5)), us(quantile(took, 0.99))]),
			figures: {
				memoryP50Us: us(quantile(all[0][1], 0.5)),
				sqliteP50Us: us(quantile(all[1][1], 0.5)),
				sqliteP99Us: us(quantile(all[1][1], 0.99)),
			},
		};
	} finally {
		rmSync(folder, { recursive: true });
	}
}
