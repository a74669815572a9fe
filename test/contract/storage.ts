import type { StoredRecord, WriteBatch } from '../../src/ports/storage.js';
import { check, checkSame, failureOf, pause } from './check.js';
import type { Run } from './run.js';
import { storageModel } from './storage-model.js';
import { type Body, bytes, type MakeStorage, put, type StorageTest } from './storage-subject.js';

const remove = (...deletes: string[]): WriteBatch => ({ puts: [], deletes });
const keysOf = (records: readonly StoredRecord[]): string[] => records.map(({ key }) => key);

/** Every guarantee of the port `Storage`, on storages that `make` gives, one a test. */
export function storageContract(make: MakeStorage, run: Run): void {
	const test = (name: string, body: Body): void => run(name, () => withStorage(make, body));
	reading(test);
	batches(test);
	lifetime(test);
	storageModel(test);
	alongside(test);
	run(
		'JRN5 fail-stop: after a failed write every later call rejects with the same failure, close lets go',
		async () => {
			const subject = await make();
			if (subject.breakWrites) await withStorage(() => subject, failStop);
			else await subject.dispose?.();
		},
	);
}

async function withStorage(make: MakeStorage, body: Body): Promise<void> {
	const subject = await make();
	let storage = await subject.adapter.open('contract');
	try {
		await body(storage, subject, async () => {
			await storage.close();
			storage = await subject.adapter.open('contract');
			return storage;
		});
	} finally {
		await storage.close();
		await subject.dispose?.();
	}
}

function reading(test: StorageTest): void {
	test('Storage: an empty one reads as nothing', async (storage) => {
		checkSame(await storage.read(''), [], 'everything');
		check((await storage.size()) >= 0, 'size is a number of bytes');
	});

	test('Storage: read gives every record with the prefix and no other, in ascending order', async (storage) => {
		const keys = ['a', 'a/', 'a/1', 'a/10', 'a/2', 'a/~', 'a0', 'aa', 'b', ' ', '!', '~', '~~', 'A', 'a/"\'%_*?'];
		await storage.write(put(...keys.map((key, i): [string, Uint8Array] => [key, bytes(i)])));
		for (const prefix of ['', 'a', 'a/', 'a/1', '~', 'zz', 'a/"', ' ']) {
			const expected = keys.filter((key) => key.startsWith(prefix)).sort((a, b) => (a < b ? -1 : 1));
			const records = await storage.read(prefix);
			checkSame(keysOf(records), expected, `keys under "${prefix}"`);
			for (const { key, value } of records) checkSame(value, bytes(keys.indexOf(key)), `value of "${key}"`);
		}
	});

	test('Storage: keys of 512 characters, empty values and values of 1 MiB come back as written', async (storage, _, reopen) => {
		const key = 'k'.repeat(512);
		const large = new Uint8Array(1024 * 1024).map((_, i) => (i * 31) >> 3);
		await storage.write(put([key, bytes()], ['large', large], ['every', bytes(...Array(256).keys())]));
		const records = await (await reopen()).read('');
		checkSame(keysOf(records), ['every', key, 'large'], 'keys');
		checkSame(records[0]?.value, bytes(...Array(256).keys()), 'every byte value');
		checkSame(records[1]?.value, bytes(), 'the empty value');
		check(records[2]?.value.every((byte, i) => byte === large[i]) === true, 'the large value differs');
		check(records[2]?.value.length === large.length, 'the large value has another length');
	});

	test('Storage: thousands of records', async (storage, _, reopen) => {
		const key = (i: number): string => `r/${String(i).padStart(6, '0')}`;
		for (let from = 0; from < 5_000; from += 1_000) {
			const batch = Array.from({ length: 1_000 }, (_, i): [string, Uint8Array] => [key(from + i), bytes(i & 255)]);
			await storage.write(put(...batch));
		}
		const records = await (await reopen()).read('r/');
		checkSame(
			keysOf(records),
			Array.from({ length: 5_000 }, (_, i) => key(i)),
			'keys',
		);
	});

	test('Storage, own bytes: the caller may reuse what it wrote and change what it read', async (storage, _, reopen) => {
		const value = bytes(1, 2, 3);
		await storage.write(put(['k', value]));
		value.fill(9);
		const read = (await storage.read('k'))[0]?.value;
		checkSame(read, bytes(1, 2, 3), 'after reuse of the written array');
		read?.fill(8);
		checkSame((await storage.read('k'))[0]?.value, bytes(1, 2, 3), 'after a change to the read array');
		checkSame((await (await reopen()).read('k'))[0]?.value, bytes(1, 2, 3), 'after reopening');
	});

	test('Storage, own bytes: a view into a larger buffer is stored as the view', async (storage) => {
		await storage.write(put(['k', bytes(1, 2, 3, 4, 5).subarray(1, 4)]));
		checkSame((await storage.read('k'))[0]?.value, bytes(2, 3, 4), 'value');
	});
}

function batches(test: StorageTest): void {
	test('JRN4 a batch puts and deletes together', async (storage, _, reopen) => {
		await storage.write(put(['a', bytes(1)], ['b', bytes(2)], ['c', bytes(3)]));
		await storage.write({ puts: [{ key: 'a', value: bytes(9) }], deletes: ['b', 'not there'] });
		const expected = [
			{ key: 'a', value: bytes(9) },
			{ key: 'c', value: bytes(3) },
		];
		checkSame(await storage.read(''), expected, 'records');
		checkSame(await (await reopen()).read(''), expected, 'records after reopening');
		await (await reopen()).write(remove('a', 'c'));
		checkSame(await (await reopen()).read(''), [], 'after all is deleted');
	});

	test('Storage, in order: of writes made at once the last one wins', async (storage, _, reopen) => {
		const writes = Array.from({ length: 200 }, (_, i) => storage.write(put(['k', bytes(i)], [`k${i % 7}`, bytes(i)])));
		await Promise.all([...writes, storage.write(remove('k3'))]);
		const records = await (await reopen()).read('k');
		checkSame(keysOf(records), ['k', 'k0', 'k1', 'k2', 'k4', 'k5', 'k6'], 'keys');
		checkSame(records[0]?.value, bytes(199), 'k');
	});

	test('Storage, in order: an earlier write has resolved when a later one does', async (storage) => {
		const order: number[] = [];
		const write = async (i: number, batch: WriteBatch): Promise<void> => {
			await storage.write(batch);
			order.push(i);
		};
		const writes: Promise<void>[] = [];
		for (let i = 0; i < 30; i++) {
			writes.push(write(i, i % 5 === 4 ? put() : put([`k${i}`, new Uint8Array(i * 1_000)])));
			if (i % 10 === 9) await pause(0);
		}
		await Promise.all(writes);
		checkSame(
			order,
			Array.from({ length: 30 }, (_, i) => i),
			'order of confirmation',
		);
	});

	test('Storage: an empty batch resolves after what was written before it is durable', async (storage) => {
		let durable = false;
		const write = storage.write(put(['k', new Uint8Array(100_000)])).then(() => {
			durable = true;
		});
		await storage.write(put());
		check(durable, 'the empty batch resolved first');
		await write;
	});

	test('Storage: a read sees what was written before it', async (storage) => {
		const write = storage.write(put(['k', bytes(1)]));
		checkSame(keysOf(await storage.read('')), ['k'], 'keys');
		await write;
	});
}

function lifetime(test: StorageTest): void {
	test('JRN3 what was confirmed is there in every later opening', async (_, __, reopen) => {
		for (let round = 0; round < 5; round++) {
			const storage = await reopen();
			checkSame((await storage.read('r/')).length, round * 3, `records in opening ${round}`);
			for (let i = 0; i < 3; i++) await storage.write(put([`r/${round}/${i}`, bytes(round, i)]));
		}
	});

	test('JRN1 P28 one writer: a second opening is refused and names the holder', async (storage, subject) => {
		const second = subject.again ?? subject.adapter;
		for (const adapter of [second, subject.adapter]) {
			const failure = await failureOf(adapter.open('intruder'), 'the second opening');
			checkSame(failure.code, 'already_open', 'code');
			const { holder } = failure as { holder?: unknown };
			check(typeof holder === 'string' && holder.includes('contract'), `names its holder, said ${String(holder)}`);
		}
		await storage.write(put(['k', bytes(1)]));
		await storage.close();
		const later = await second.open('successor');
		checkSame(keysOf(await later.read('')), ['k'], 'what the successor finds');
		checkSame((await failureOf(subject.adapter.open('late'), 'against the successor')).code, 'already_open', 'code');
		await later.close();
	});

	test('Storage: close waits for what was written, is idempotent, and ends every later call with closed', async (storage, _, reopen) => {
		const write = storage.write(put(['k', bytes(1)]));
		const closing = storage.close();
		const late = failureOf(storage.write(put(['late', bytes(2)])), 'write during close');
		await Promise.all([write, closing, storage.close()]);
		await storage.close();
		checkSame((await late).code, 'closed', 'write during close');
		checkSame((await failureOf(storage.write(put()), 'write')).code, 'closed', 'write after close');
		checkSame((await failureOf(storage.read(''), 'read')).code, 'closed', 'read after close');
		checkSame((await failureOf(storage.size(), 'size')).code, 'closed', 'size after close');
		checkSame(keysOf(await (await reopen()).read('')), ['k'], 'what is there');
	});

	test('Storage: says what it is and lends a platform', async (_, { adapter }) => {
		check(adapter.kind.length > 0, 'kind is shown to people');
		checkSame(adapter.platform.random.bytes(16).length, 16, 'random bytes');
		checkSame(adapter.platform.crypto.sha256(bytes()).slice(0, 4), bytes(0xe3, 0xb0, 0xc4, 0x42), 'SHA-256 of nothing');
	});
}

/** Only of those that offer it. Whatever `alongside` does to the database is the adapter's own test. */
function alongside(test: StorageTest): void {
	test('JRN3 JRN4 what is written with other rows is durable when it returns, behind all that was written before', async (storage, _, reopen) => {
		if (!storage.transact) return;
		const before = storage.write(put(['k', bytes(1)], ['before', bytes(1)]));
		let calls = 0;
		const done = storage.transact({ puts: [{ key: 'k', value: bytes(2) }], deletes: ['before'] }, (database) => {
			calls += database === undefined ? 0 : 1;
		});
		const after = storage.write(put(['after', bytes(3)]));
		checkSame([done, calls], [true, 1], 'written, by one call that was given the database');
		await Promise.all([before, after]);
		const expected = [
			{ key: 'after', value: bytes(3) },
			{ key: 'k', value: bytes(2) },
		];
		checkSame(await (await reopen()).read(''), expected, 'records after reopening');
	});

	test('JRN4 where `alongside` throws nothing of its batch is written, and the storage goes on', async (storage, _, reopen) => {
		if (!storage.transact) return;
		const before = storage.write(put(['before', bytes(1)]));
		const why = new Error('the vendor says no');
		const refused: [string, () => unknown, string][] = [
			[
				'throws',
				() => {
					throw why;
				},
				'work_failed',
			],
			['gives a promise', () => Promise.reject(why), 'bad_argument'],
		];
		for (const [what, run, code] of refused) {
			let failure: { code?: unknown; cause?: unknown } | undefined;
			try {
				storage.transact(put(['never', bytes(9)]), run);
			} catch (error) {
				failure = error as { code?: unknown };
			}
			checkSame(failure?.code, code, `code where it ${what}`);
			if (code === 'work_failed') check(failure?.cause === why, 'the cause is what was thrown');
		}
		await before;
		await storage.write(put(['later', bytes(2)]));
		checkSame(keysOf(await (await reopen()).read('')), ['before', 'later'], 'keys');
	});

	test('Storage: nothing is written alongside once it is closed', async (storage) => {
		const transact = storage.transact?.bind(storage);
		if (!transact) return;
		await storage.close();
		let code: unknown;
		try {
			transact(put(['k', bytes(1)]), () => {});
		} catch (error) {
			({ code } = error as { code?: unknown });
		}
		checkSame(code, 'closed', 'code');
	});
}

const failStop: Body = async (storage, subject) => {
	await storage.write(put(['before', bytes(1)]));
	await subject.breakWrites?.();
	const large = new Uint8Array(100_000);
	const failures = await Promise.all([
		failureOf(storage.write(put(['broken', large])), 'the write that breaks'),
		failureOf(storage.write(put(['waits with it', bytes(2)])), 'the write beside it'),
	]);
	failures.push(await failureOf(storage.write(put(['after', bytes(3)])), 'a later write'));
	failures.push(await failureOf(storage.write(put()), 'an empty write'));
	failures.push(await failureOf(storage.read(''), 'a read'));
	failures.push(await failureOf(storage.size(), 'size'));
	const [first] = failures;
	check(/^storage_/.test(String(first?.code)), `a StorageError, got ${first?.name}: ${first?.message}`);
	check(
		failures.every((failure) => failure === first),
		'every call rejects with the same failure',
	);
	await storage.close();
};
