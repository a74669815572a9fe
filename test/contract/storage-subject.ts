import type { Storage, StorageAdapter, WriteBatch } from '../../src/ports/storage.js';

export interface StorageUnderTest {
	/** An empty storage that nobody has open, the same one in every opening of this adapter. */
	readonly adapter: StorageAdapter;
	/** Another way to the same storage: a second object, another spelling. Default: `adapter` once more. */
	readonly again?: StorageAdapter;
	/** Makes a later write fail. The test that needs it is left out where it is missing. */
	breakWrites?(): void | Promise<void>;
	/** Called after each test; the storage is closed then. */
	dispose?(): void | Promise<void>;
}

export type MakeStorage = () => StorageUnderTest | Promise<StorageUnderTest>;

export type Body = (storage: Storage, subject: StorageUnderTest, reopen: () => Promise<Storage>) => Promise<void>;

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const put = (...records: [string, Uint8Array][]): WriteBatch => ({
	puts: records.map(([key, value]) => ({ key, value })),
	deletes: [],
});

export type StorageTest = (name: string, body: Body) => void;
