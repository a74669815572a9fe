/** Runs in the page. What a test calls from outside hangs on `tillmesh`. */

import { webPlatform } from '../../adapters/platform-web/index.js';
import { encrypted } from '../../adapters/storage-encrypted/index.js';
import { idb } from '../../adapters/storage-idb/index.js';
import { memory, memoryLink } from '../../adapters/storage-memory/index.js';
import type { Storage } from '../../src/ports/storage.js';
import { linkContract, storageContract } from '../contract/index.js';
import { batchOf, countBatches } from '../crash/batches.js';

let databases = 0;

function breakNextPut(): void {
	const { put } = IDBObjectStore.prototype;
	IDBObjectStore.prototype.put = function (...args) {
		IDBObjectStore.prototype.put = put;
		const request = put.apply(this, args);
		this.transaction.abort();
		return request;
	};
}

const tests = new Map<string, () => Promise<void>>();
const register = (suite: string) => (name: string, run: () => Promise<void>) => tests.set(`${suite}: ${name}`, run);

storageContract(() => {
	const name = `contract-${databases++}`;
	return {
		adapter: idb(name),
		again: idb(name),
		breakWrites: breakNextPut,
		async dispose() {
			await new Promise((resolve) => {
				indexedDB.deleteDatabase(name).onsuccess = resolve;
			});
		},
	};
}, register('storage-idb'));
storageContract(() => ({ adapter: memory() }), register('storage-memory'));
linkContract(() => memoryLink(), register('link-memory'));

interface Refusal {
	readonly code: unknown;
	readonly message: string;
}

const refusal = (error: unknown): Refusal => ({
	code: (error as { code?: unknown }).code,
	message: (error as Error).message,
});

const open = new Map<string, Storage>();

const api = {
	testNames: (): string[] => [...tests.keys()],

	/** Undefined where the test passes. */
	async runTest(name: string): Promise<string | undefined> {
		try {
			await tests.get(name)?.();
			return undefined;
		} catch (error) {
			return String((error as Error).stack ?? error);
		}
	},

	/** Signs here, verifies here, and answers it for a check elsewhere. Everything as plain numbers, which pass the border. */
	async sign(data: number[]): Promise<Refusal | { publicKey: number[]; signature: number[]; verified: boolean }> {
		const { crypto } = webPlatform();
		try {
			const pair = await crypto.generateKeyPair();
			const signature = await crypto.sign(pair, Uint8Array.from(data));
			const verified = await crypto.verify(pair.publicKey, Uint8Array.from(data), signature);
			return { publicKey: [...pair.publicKey], signature: [...signature], verified };
		} catch (error) {
			return refusal(error);
		}
	},

	/** Makes a key with the storage open, signs in this opening and in a later one, and looks whether a script can get at it. */
	async keepKey(name: string, data: number[]) {
		const bytes = Uint8Array.from(data);
		const first = idb(name);
		let storage = await first.open('till');
		const { publicKey, secret } = await first.platform.crypto.generateKeyPair();
		await storage.write({ puts: [{ key: 'm/device', value: secret }], deletes: [] });
		const records = (await storage.read('')).map(({ key }) => key);
		await storage.close();
		const raw = await new Promise<unknown[]>((resolve) => {
			indexedDB.open(name).onsuccess = ({ target }) => {
				const database = (target as IDBOpenDBRequest).result;
				database.transaction('tillmesh').objectStore('tillmesh').getAll().onsuccess = ({ target }) => {
					database.close();
					resolve((target as IDBRequest<unknown[]>).result);
				};
			};
		});
		const [key] = raw.filter((value) => value instanceof CryptoKey);
		const exported = key && (await crypto.subtle.exportKey('pkcs8', key).catch((error: Error) => error.name));
		const again = idb(name);
		storage = await again.open('till');
		const [stored] = await storage.read('m/device');
		const pair = { publicKey, secret: stored?.value ?? new Uint8Array() };
		const signature = await again.platform.crypto.sign(pair, bytes);
		await storage.close();
		const sealed = encrypted(idb(`${name}-encrypted`), new Uint8Array(32));
		const opened = await sealed.open('till');
		const portable = await sealed.platform.crypto.generateKeyPair();
		await opened.close();
		return {
			publicKey: [...publicKey],
			signature: [...signature],
			secretBytes: secret.length,
			records,
			exported,
			portableBytes: portable.secret.length,
		};
	},

	async open(name: string, holder: string): Promise<Refusal | undefined> {
		try {
			open.set(name, await idb(name).open(holder));
			return undefined;
		} catch (error) {
			return refusal(error);
		}
	},

	async write(name: string, life: number, n: number): Promise<Refusal | undefined> {
		try {
			await open.get(name)?.write(batchOf(life, n));
			return undefined;
		} catch (error) {
			return refusal(error);
		}
	},

	/** Writes until it is killed; `confirm` hears of each batch after its write has resolved. */
	writeOn(name: string, life: number, confirm: (n: number) => void): void {
		const storage = open.get(name);
		const go = async (): Promise<void> => {
			for (let n = 0; storage; ) {
				const writes: Promise<void>[] = [];
				for (let i = 0; i < 1 + (n % 6); i++) {
					const id = n + i;
					writes.push(storage.write(batchOf(life, id)).then(() => confirm(id)));
				}
				n += writes.length;
				await Promise.all(writes);
			}
		};
		void go();
	},

	async count(name: string, life: number): Promise<number> {
		return countBatches((await open.get(name)?.read('')) ?? [], life);
	},

	async size(name: string): Promise<number> {
		return (await open.get(name)?.size()) ?? -1;
	},

	async close(name: string): Promise<void> {
		await open.get(name)?.close();
		open.delete(name);
	},
};

export type PageApi = typeof api;
declare global {
	var tillmesh: PageApi;
}
globalThis.tillmesh = api;
