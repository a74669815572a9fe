import type { WriteBatch } from '../../src/ports/storage.js';
import { checkSame, seeded } from './check.js';
import type { StorageTest } from './storage-subject.js';

/** Random histories, with many writes on their way at once, beside a Map. */
export function storageModel(test: StorageTest): void {
	for (const seed of [1, 2, 3]) {
		test(`Storage: equals a map over a random history, reopened now and then (seed ${seed})`, async (first, _, reopen) => {
			const random = seeded(seed);
			const model = new Map<string, Uint8Array>();
			let storage = first;
			for (let round = 0; round < 12; round++) {
				const writes: Promise<void>[] = [];
				for (let i = Math.floor(random() * 8); i >= 0; i--) {
					const batch = randomBatch(random);
					for (const key of batch.deletes) model.delete(key);
					for (const { key, value } of batch.puts) model.set(key, value);
					writes.push(storage.write(batch));
				}
				await Promise.all(writes);
				if (random() < 0.4) storage = await reopen();
				const prefix = ['', 'a/', 'b', 'a/1'][Math.floor(random() * 4)] as string; // index < 4
				const expected = [...model]
					.filter(([key]) => key.startsWith(prefix))
					.sort(([a], [b]) => (a < b ? -1 : 1))
					.map(([key, value]) => ({ key, value }));
				checkSame(await storage.read(prefix), expected, `round ${round}, prefix "${prefix}"`);
			}
		});
	}
}

/** Keys collide often, within a batch a key is named once. */
function randomBatch(random: () => number): WriteBatch {
	const puts = new Map<string, Uint8Array>();
	const deletes = new Set<string>();
	for (let i = Math.floor(random() * 6); i >= 0; i--) {
		const key = `${random() < 0.5 ? 'a' : 'b'}/${Math.floor(random() * 30)}`;
		puts.delete(key);
		deletes.delete(key);
		if (random() < 0.3) deletes.add(key);
		else
			puts.set(
				key,
				new Uint8Array(Math.floor(random() * 40)).map(() => random() * 256),
			);
	}
	return { puts: [...puts].map(([key, value]) => ({ key, value })), deletes: [...deletes] };
}
