import type { MemoryAdapter } from '../../../adapters/storage-memory/index.js';
import type { Platform } from '../../../src/ports/platform.js';
import type { StorageAdapter } from '../../../src/ports/storage.js';

/** A copy of a closed disk that has forgotten some of its records. */
export async function forgetting(disk: MemoryAdapter, isLost: (key: string) => boolean): Promise<MemoryAdapter> {
	const copy = disk.copy();
	const storage = await copy.open('the damage');
	const deletes = (await storage.read('')).map(({ key }) => key).filter(isLost);
	if (deletes.length === 0) throw new Error('nothing was lost');
	await storage.write({ puts: [], deletes });
	await storage.close();
	return copy;
}

/** A disk that keeps checkpoints waiting, and whatever is written after them, until it is let on. */
export function holdingUp(disk: MemoryAdapter): StorageAdapter & { letOn(): void } {
	let letOn = () => {};
	const free = new Promise<void>((resolve) => {
		letOn = resolve;
	});
	const platform: Platform = disk.platform;
	return {
		kind: 'slow',
		platform,
		letOn: () => letOn(),
		open: async (holder) => {
			const storage = await disk.open(holder);
			let before: Promise<void> = Promise.resolve();
			return {
				read: (prefix) => storage.read(prefix),
				size: () => storage.size(),
				close: () => storage.close(),
				write: (batch) => {
					const waits = batch.puts.some(({ key }) => key.startsWith('c/'));
					before = before.then(() => (waits ? free : undefined)).then(() => storage.write(batch));
					return before;
				},
			};
		},
	};
}
