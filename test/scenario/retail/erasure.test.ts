import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type ByteStore, sealedPersonal } from '../../../adapters/at-rest/index.js';
import { webSocket } from '../../../adapters/link-websocket/index.js';
import { startRelay } from '../../../adapters/relay/index.js';
import { sqlite } from '../../../adapters/storage-sqlite/index.js';
import { openTill, type Till, type TillOptions } from '../../../src/till.js';
import { until } from '../../contract/check.js';
import { done } from './member-shops.js';

const person = { name: 'Ada Lovelace-Byron', phone: '138-7766-5544', birthday: '1815-12-10', note: '对花生过敏' };
const shop = { chain: 'lily-tea', zone: 'Asia/Shanghai', currency: { code: 'CNY', decimals: 2 } } as const;

/** A file each, named by its member. */
function filesIn(folder: string): ByteStore {
	mkdirSync(folder, { recursive: true });
	const at = (name: string) => join(folder, encodeURIComponent(name));
	return {
		get: async (name) => {
			try {
				return new Uint8Array(readFileSync(at(name)));
			} catch {
				return undefined;
			}
		},
		put: async (name, bytes) => writeFileSync(at(name), bytes),
		delete: async (name) => rmSync(at(name), { force: true }),
	};
}

/** Every way in which a word may lie on a disk as it is. */
function spellings(word: string): Buffer[] {
	const bytes = Buffer.from(word);
	const base64 = [0, 1, 2].map((skip) =>
		Buffer.from(
			bytes
				.subarray(skip)
				.toString('base64')
				.replace(/..?={0,2}$/, ''),
		),
	);
	return [bytes, Buffer.from(word, 'utf16le'), Buffer.from(bytes.toString('hex')), ...base64];
}

const words = [person.name, 'Lovelace', '13877665544', person.phone, '77665544', person.birthday, person.note];

/** Files under a folder in which one of the words can be read. */
function readable(folder: string, of: readonly string[]): string[] {
	const needles = of.flatMap(spellings);
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((file) => statSync(join(folder, file)).isFile())
		.filter((file) => {
			const bytes = readFileSync(join(folder, file));
			return needles.some((needle) => bytes.includes(needle));
		});
}

/** A till with its journals in SQLite, and what it knows of members beside them; keys of that are never in a backup. */
class Counter {
	readonly #folder: string;
	readonly #name: string;
	readonly #keys: ByteStore;
	till: Till | undefined;

	constructor(folder: string, name: string, keys: string) {
		this.#folder = join(folder, name);
		this.#name = name;
		this.#keys = filesIn(join(keys, name));
	}

	get personal() {
		return sealedPersonal({ data: filesIn(join(this.#folder, 'personal')), keys: this.#keys });
	}

	async open(more: Partial<TillOptions>): Promise<Till> {
		const till = await openTill({
			...shop,
			store: this.#name,
			name: this.#name,
			storage: sqlite(join(this.#folder, 'till.db')),
			members: { secret: 'of sixteen bytes and more', personal: this.personal },
			...more,
		});
		this.till = till;
		return till;
	}
}

test('S33 after an erasure nothing of the person is readable: in no storage, no relay, no checkpoint, no backup; an old till brings nothing back', async () => {
	const root = mkdtempSync(join(tmpdir(), 'erasure-'));
	onTestFinished(() => rmSync(root, { recursive: true, force: true }));
	const disks = join(root, 'disks');
	for (const name of ['relay', 'sh-1', 'sh-2', 'hq', 'new']) mkdirSync(join(disks, name), { recursive: true });
	const relay = await startRelay({
		data: join(disks, 'relay'),
		chain: shop.chain,
		listen: '127.0.0.1:0',
		role: 'hq',
		homes: [],
	});
	onTestFinished(() => relay.close());
	const keys = join(root, 'keys');
	const counter = (name: string) => new Counter(disks, name, keys);
	const [one, two, hq] = [counter('sh-1'), counter('sh-2'), counter('hq')];
	const link = () => ({ links: [webSocket(relay.url)] });
	const tills = [await one.open(link()), await two.open(link()), await hq.open({ ...link(), home: ['*/*'] })] as const;
	const [first, second, home] = tills;
	onTestFinished(async () => {
		for (const { till } of [one, two, hq]) await till?.shutdown();
	});

	// Ada is a member, buys, and both tills know her name.
	const ada = done(
		await first.members.register({ phone: person.phone, personal: person }, { idempotencyKey: 'form' }),
	).value;
	done(await first.members.earn({ member: ada, points: 120, source: 'opening' }, { idempotencyKey: 'earn' }));
	done(
		await first.members.topUp(
			{ member: ada, paid: 5_000, tenders: [{ kind: 'cash', amount: 5_000 }] },
			{ idempotencyKey: 'top-up' },
		),
	);
	for (let i = 0; i < 40; i++)
		done(await first.members.earn({ member: ada, points: 1, source: `cup ${i}` }, { idempotencyKey: `cup ${i}` }));
	const pointsAt = (till: Till) => till.members.accountNow(ada)?.purses.points?.total;
	await until(() => tills.every((till) => pointsAt(till) === 160), 'all know of Ada', 10_000);
	await two.personal.put(ada, { ...person, tea: 'green' });
	const compact = async () => {
		await first.replica.sync.flush({ tier: 'hq', timeoutMs: 10_000 });
		await home.replica.tend({ compact: true });
		const covered = home.replica
			.status()
			.ledgers.filter(({ ledger, checkpoint }) => checkpoint && ledger.startsWith('members/'));
		expect(covered.length).toBeGreaterThan(0);
		await home.replica.sync.flush({ tier: 'hq', timeoutMs: 10_000 });
	};
	await compact();

	// The second till goes off, and a backup of every disk is taken: what must not be in one are the keys.
	await second.shutdown();
	const backup = join(root, 'backup');
	cpSync(disks, backup, { recursive: true });
	expect(await one.personal.get(ada)).toMatchObject({ name: person.name });

	const started = performance.now();
	done(await first.members.erase(ada, { idempotencyKey: 'erase' }));
	const eraseMs = performance.now() - started;
	await until(() => home.members.accountNow(ada)?.isErased === true, 'headquarters has heard', 10_000);
	done(
		await first.members.earn({ member: (await newcomer(first)).id, points: 5, source: 'x' }, { idempotencyKey: 'x' }),
	);
	await compact();

	// The old till comes back with all that it had.
	const again = await two.open(link());
	await until(() => again.members.accountNow(ada)?.isErased === true, 'the old till has heard', 10_000);
	await expect.poll(() => two.personal.get(ada), { timeout: 10_000 }).toBeUndefined();
	await until(() => pointsAt(again) === 160, 'nothing is lost', 10_000);
	const fresh = await counter('new').open(link());
	await until(() => pointsAt(fresh) === 160, 'a newcomer sees the same', 10_000);
	for (const till of [first, again, home, fresh]) {
		expect(till.members.accountNow(ada)?.purses).toMatchObject({ points: { total: 160 }, stored: { total: 5_000 } });
		expect((await till.members.find({ phone: person.phone })).found).toBeNull();
		expect(till.replica.check()).toEqual([]);
	}
	for (const { personal } of [one, two, hq]) expect(await personal.get(ada)).toBeUndefined();

	// While they run, after they have ended, and in the backup.
	expect(readable(root, words)).toEqual([]);
	for (const till of [first, again, home, fresh]) await till.shutdown();
	await relay.close();
	expect(readable(root, words)).toEqual([]);
	// The search finds what is there: the member's own id stands in every till's file and in the relay's.
	expect(readable(disks, [ada])).toEqual(
		expect.arrayContaining([expect.stringContaining('relay.db'), expect.stringContaining('sh-1')]),
	);

	// Somebody restores the backup beside the keys of today.
	const restored = new Counter(backup, 'sh-2', keys);
	expect(await restored.personal.get(ada)).toBeUndefined();
	expect(await filesIn(join(backup, 'sh-2', 'personal')).get(ada)).toBeDefined();
	console.log(`erased in ${eraseMs.toFixed(1)} ms: durable at the till, the key destroyed`);
}, 60_000);

/** Somebody else, so that there is something to write after the erasure. */
async function newcomer(till: Till): Promise<{ readonly id: string }> {
	return { id: done(await till.members.register({ card: 'B-1' }, { idempotencyKey: 'bob' })).value };
}
