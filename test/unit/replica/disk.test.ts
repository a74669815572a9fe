import { expect, test } from 'vitest';
import type { TillmeshError } from '../../../src/index.js';
import type { Storage } from '../../../src/ports/index.js';
import { Disk } from '../../../src/replica/disk.js';

test('JRN5 after one failed write the storage is asked for nothing more, and everybody hears the same failure once', async () => {
	const asked: number[] = [];
	const storage: Storage = {
		read: async () => [],
		// A disk that says no once and yes ever after: whoever believes it has lost a row without a trace.
		write: async ({ puts }) => {
			asked.push(puts.length);
			if (asked.length === 2) throw new Error('EIO');
		},
		size: async () => 0,
		close: async () => {},
	};
	const broken: TillmeshError[] = [];
	const disk = new Disk(storage, (error) => broken.push(error));
	await disk.write({ puts: [], deletes: [] });
	const failures: unknown[] = [];
	for (let i = 0; i < 3; i++)
		await disk.write({ puts: [], deletes: [] }).catch((error: unknown) => failures.push(error));
	expect(asked.length).toBe(2);
	expect(broken).toEqual([disk.failure]);
	expect(failures).toEqual([disk.failure, disk.failure, disk.failure]);
	expect(disk.failure).toMatchObject({ code: 'storage_failed', fatal: true, cause: { message: 'EIO' } });
});
