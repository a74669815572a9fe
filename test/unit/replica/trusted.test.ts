/** A chain with a root key, with real replicas in virtual time: nobody is believed further than their credential goes. */
import { expect, test } from 'vitest';
import { BadArgument } from '../../../src/base/errors.js';
import type { EnrolRequest, OpenOptions, Replica } from '../../../src/index.js';
import { copyOfTill } from '../../../src/inspect/copy.js';
import { diagnose } from '../../../src/inspect/diagnosis.js';
import type { CertificateFields } from '../../../src/trust/certificate.js';
import type { Grant } from '../../../src/trust/grant.js';
import { World } from '../../property/escrow-world.js';
import { Forger } from '../../property/ledger-forge.js';
import { ChainOfTrust, ofStore } from '../trust/chain-of-trust.js';

const ledger = 'stock/sh-1';
const members = 'members/vip-7';
const till: readonly Grant[] = [
	{ ledgers: ledger, read: true, write: true, verbs: ['order.*'], mints: ['goods'], sets: ['has'] },
];
const everywhere: readonly Grant[] = [{ ...ofStore, ledgers: '*' }];

class Chain {
	readonly asked: EnrolRequest[] = [];

	private constructor(
		readonly world: World,
		readonly trust: ChainOfTrust,
	) {}

	static async create(): Promise<Chain> {
		const world = new World(1);
		return new Chain(world, await ChainOfTrust.create(world.crypto, everywhere));
	}

	options(grants: readonly Grant[], fields: Partial<CertificateFields> = {}): Pick<OpenOptions, 'trust'> {
		const enrol = (request: EnrolRequest) => {
			this.asked.push(request);
			return this.trust.give(request.key, grants, { name: request.name, ...fields });
		};
		return { trust: { root: this.trust.root, enrol } };
	}

	open(
		name: string,
		grants: readonly Grant[],
		fields?: Partial<CertificateFields>,
		more: Partial<OpenOptions> = {},
		disk = this.world.memory(),
	) {
		return this.world.open(name, disk, { ...this.options(grants, fields), ...more });
	}

	async join(a: Replica, b: Replica): Promise<void> {
		const line = this.world.line({ turnMs: 1 });
		a.addLink(line.a);
		b.addLink(line.b);
		await this.world.pass(500);
	}
}

const sell = (of: Replica, verb = 'order.settle') =>
	of.commit((tx) => tx.append(of.ledger(ledger).logs('order').at('1'), { verb }));
const documents = (of: Replica) => of.ledger(ledger).logs('order').at('1').all().get().length;

test('tills of a chain with a root key sell to each other, and are enrolled once', async () => {
	const chain = await Chain.create();
	const disk = chain.world.memory();
	const first = await chain.world.open('a', disk, chain.options(till));
	await first.shutdown();
	const a = await chain.world.open('a', disk, chain.options(till));
	const b = await chain.open('b', till);
	expect(chain.asked.map(({ name }) => name)).toEqual(['a', 'b']);
	expect(a.status().credential).toMatchObject({ store: 'sh-1', role: 'till', grants: till });
	await chain.join(a, b);
	expect((await sell(a)).ok).toBe(true);
	await chain.world.pass(500);
	expect(documents(b)).toBe(1);
	expect(b.status().rejected.count).toBe(0);
});

test('what its own credential does not allow is refused before anything is written', async () => {
	const chain = await Chain.create();
	const a = await chain.open('a', till);
	const at = a.ledger(ledger);
	const refused = async (work: Parameters<Replica['commit']>[0], reason: string) => {
		expect(a.rehearse(work)).toMatchObject({ code: 'not_allowed', reason });
		expect(await a.commit(work)).toMatchObject({ ok: false, code: 'not_allowed', reason });
	};
	await refused((tx) => tx.append(at.logs('order').at('1'), { verb: 'stock.count' }), `${ledger} verb stock.count`);
	await refused((tx) => tx.append(at.logs('order').at('1'), ['order.settle']), `${ledger} verb `);
	await refused((tx) => tx.mint(at.pool('coupon'), 'x', 1, 'd'), `${ledger} mint coupon`);
	await refused((tx) => tx.set(at.cells('role').at('x'), 'manager'), `${ledger} set role`);
	const cash = a.ledger('cash/sh-1');
	await refused((tx) => tx.add(cash.counter('x'), 1), 'cash/sh-1 write');
	expect(a.status().ledgers).toEqual([]);
	expect((await a.commit((tx) => tx.set(at.cells('has').at('x'), 1))).ok).toBe(true);
	expect((await a.commit((tx) => tx.mint(at.pool('goods'), 'x', 3, 'd'))).ok).toBe(true);
	await expect(chain.open('home', till, {}, { home: [ledger] })).rejects.toThrow(BadArgument);
});

const document = (verb: string) => new TextEncoder().encode(JSON.stringify({ verb }));

test('a device that writes what it may not is refused at every receiver, and changes no total', async () => {
	const chain = await Chain.create();
	const a = await chain.open('a', till);
	const enrolled = await chain.trust.enrol(till, chain.trust.store);
	const forger = new Forger(chain.world, ledger, enrolled);
	a.addLink(forger);
	await chain.world.pass(50);
	const newest = () => a.status().rejected.newest.at(-1);
	await forger.write({ kind: 'append', log: 'order/1', value: document('order.settle') });
	expect(documents(a)).toBe(1);
	const bad = [
		[{ kind: 'append', log: 'order/1', value: document('order') }, 'verb order'],
		[{ kind: 'append', log: 'order/1', value: document('stock.count') }, 'verb stock.count'],
		[{ kind: 'mint', pool: 'coupon/x', amount: 1, document: 'd' }, 'mint coupon'],
		[{ kind: 'mint', pool: 'exception/x', amount: 1, document: 'd' }, 'mint exception'],
		[{ kind: 'set', cell: 'role/x', priority: 0, value: document('order.settle') }, 'set role'],
		[{ kind: 'fence', device: a.device, heads: [] }, 'fence'],
		[{ kind: 'reclaim', pool: 'goods/x', from: a.device, share: 1, held: 0 }, 'reclaim'],
	] as const;
	for (const [i, [leg, reason]] of bad.entries()) {
		await forger.write(leg);
		expect(a.status().rejected.count).toBe(i + 1);
		expect(newest()).toMatchObject({ code: 'not_allowed', ledger, device: forger.device, reason });
		forger.takeBack();
	}
	await forger.write({ kind: 'append', log: 'order/1', value: document('order.settle') });
	expect(documents(a)).toBe(2);
	expect(a.check()).toEqual([]);
	expect(a.status().health.state).toBe('ok');
});

test.each([
	['no credential in its rows', { credential: undefined }, 'credential'],
	['to be home', { home: true }, 'home'],
])('an epoch that claims %s is refused', async (_, claims, reason) => {
	const chain = await Chain.create();
	const a = await chain.open('a', till);
	const forger = new Forger(chain.world, ledger, await chain.trust.enrol(till, chain.trust.store), claims);
	a.addLink(forger);
	await chain.world.pass(50);
	await forger.write({ kind: 'append', log: 'order/1', value: document('order.settle') });
	expect(a.status().rejected.newest).toMatchObject([{ code: 'not_allowed', reason }]);
	expect(documents(a)).toBe(0);
});

test('a stolen credential is of no use under another key, nor is one of another chain', async () => {
	const [chain, other] = [await Chain.create(), await ChainOfTrust.create(new World(2).crypto)];
	const a = await chain.open('a', till);
	const honest = await chain.trust.enrol(till, chain.trust.store);
	const thief = { ...(await chain.world.crypto.generateKeyPair()), credential: honest.credential };
	for (const enrolled of [thief, await other.enrol(till), await chain.world.crypto.generateKeyPair()]) {
		const forger = new Forger(chain.world, ledger, enrolled);
		const off = a.addLink(forger);
		await chain.world.pass(50);
		await forger.write({ kind: 'append', log: 'order/1', value: document('order.settle') });
		expect(forger.heard.at(-1)).toEqual(Uint8Array.from([5, 11, ...Buffer.from('not_allowed')]));
		off();
	}
	expect(documents(a)).toBe(0);
	expect(a.status().peers).toEqual([]);
});

test('of a ledger that it may not read a device hears no byte, and what it says of it is dropped', async () => {
	const chain = await Chain.create();
	const more = { keeps: ['stock/*', 'members/*'] };
	const a = await chain.open('a', everywhere, {}, more);
	const write = (n: number) =>
		a.commit((tx) => {
			tx.append(a.ledger(ledger).logs('order').at('1'), { verb: 'order.settle', n });
			tx.append(a.ledger(members).logs('member').at('1'), { verb: 'member.register', name: 'Lucy Liu' });
		});
	await write(1);
	for (const keep of [members, ledger]) {
		const forger = new Forger(chain.world, keep, await chain.trust.enrol(till, chain.trust.store));
		a.addLink(forger);
		await chain.world.pass(50);
		await write(2);
		await forger.write({ kind: 'append', log: 'member/1', value: document('order.settle') });
		await a.tend({ compact: true });
		await chain.world.pass(20_000);
		const heard = Buffer.concat(forger.heard).toString('latin1');
		// The name of the other part of a commit is part of the row of this one.
		if (keep === members) expect(heard).not.toContain(members);
		expect(heard).not.toContain('Lucy');
		expect(heard.includes('order.settle')).toBe(keep === ledger);
	}
	expect(a.status().rejected.newest[0]).toMatchObject({ code: 'not_allowed' });
});

test('an expired credential ends sync, never selling; what was sold meanwhile is taken when it is renewed', async () => {
	const chain = await Chain.create();
	const nowMs = chain.world.platform().clock.nowMs();
	const shift = 600_000;
	const a = await chain.open('a', till, { notAfterMs: nowMs + shift });
	const b = await chain.open('b', till);
	await chain.join(a, b);
	await sell(a);
	await chain.world.pass(1000);
	expect(documents(b)).toBe(1);
	await chain.world.pass(shift + 6 * 60_000);
	expect(b.status().peers).toEqual([]);
	expect((await sell(a)).ok).toBe(true);
	await chain.join(a, b);
	expect(b.status().peers).toEqual([]);
	expect(documents(b)).toBe(1);
	const key = chain.asked[0]?.key as Uint8Array;
	await expect(a.renew(await chain.trust.give(chain.trust.root, till))).rejects.toThrow('another key');
	await expect(a.renew(Uint8Array.of(1))).rejects.toThrow('unreadable');
	await a.renew(await chain.trust.give(key, [{ ...(till[0] as Grant), verbs: ['order.*', 'stock.count'] }]));
	await chain.join(a, b);
	expect(documents(b)).toBe(2);
	expect((await sell(a, 'stock.count')).ok).toBe(true);
	await chain.world.pass(1000);
	expect(documents(b)).toBe(3);
	expect(b.status().rejected.newest.filter(({ ledger: of }) => of !== '')).toEqual([]);
});

test('a device that was fenced goes on under a new key, with a credential that names the one before', async () => {
	const chain = await Chain.create();
	const home = await chain.open('home', everywhere, {}, { home: [ledger] });
	const a = await chain.open('a', till);
	await chain.join(a, home);
	await sell(a);
	await chain.world.pass(1000);
	const [before, key] = [a.device, chain.asked.at(-1)?.key];
	await home.fence(before);
	await chain.world.pass(5000);
	expect(a.device).not.toBe(before);
	expect(chain.asked.at(-1)).toMatchObject({ name: 'a', replaces: key });
	await sell(a);
	await chain.world.pass(1000);
	expect(documents(home)).toBe(2);
});

test('checkpoints are believed of those alone who may be home', async () => {
	const chain = await Chain.create();
	const more = { home: [ledger], segmentRows: 2, checkpointRows: 1 };
	const home = await chain.open('home', everywhere, {}, more);
	await expect(chain.open('a', till, {}, { archive: true })).rejects.toThrow(BadArgument);
	const archive = await chain.open('archive', everywhere, {}, { archive: true });
	const a = await chain.open('a', till);
	await chain.join(archive, home);
	await chain.join(a, home);
	for (let i = 0; i < 5; i++) await sell(a);
	await chain.world.pass(2000);
	await home.tend({ compact: true });
	await chain.world.pass(2000);
	expect(a.status().ledgers[0]?.checkpoint).toBe(true);
	expect(a.status().rejected.count).toBe(0);
});

test('S38 a stolen till is not listened to any more, and what it sold before counts', async () => {
	const chain = await Chain.create();
	const a = await chain.open('a', everywhere);
	const b = await chain.open('b', till);
	const thief = await chain.open('thief', till);
	await chain.join(a, b);
	await chain.join(a, thief);
	await sell(thief);
	await chain.world.pass(1000);
	expect(documents(b)).toBe(1);
	expect(await b.revoke(ledger, thief.device)).toMatchObject({ ok: false, code: 'not_allowed' });
	expect(await a.revoke(ledger, thief.device, 'stolen')).toMatchObject({ ok: true });
	await chain.world.pass(1000);
	expect(a.status().peers.map(({ name }) => name)).toEqual(['b']);
	expect((await sell(thief)).ok).toBe(true);
	// Nor by whoever heard of it from somebody else, nor after that one was started anew.
	for (const other of [a, b]) await chain.join(other, thief);
	await chain.world.pass(5000);
	expect([documents(a), documents(b)]).toEqual([1, 1]);
	expect(a.digest(ledger)).toBe(b.digest(ledger));
});

test('S38 a revocation names the last entries that were known; what somebody brings who had not heard is found by a doctor', async () => {
	const chain = await Chain.create();
	const disk = chain.world.memory();
	const a = await chain.open('a', everywhere, {}, {}, disk);
	const thief = await chain.open('thief', till);
	const unaware = await chain.open('unaware', till);
	await chain.join(a, thief);
	await sell(thief);
	await chain.world.pass(1000);
	const found = async () => {
		const copy = await copyOfTill(await disk.copy().open('doctor'), disk.platform.crypto);
		const { findings } = diagnose(copy, disk.platform.clock.nowMs());
		return findings.filter(({ code }) => code === 'after_revocation');
	};
	expect((await a.revoke(ledger, thief.device, 'stolen')).ok).toBe(true);
	expect(await found()).toEqual([]);
	await chain.join(unaware, thief);
	await sell(thief);
	await sell(thief);
	await chain.world.pass(1000);
	await chain.join(a, unaware);
	await chain.world.pass(1000);
	expect([a, unaware].map(documents)).toEqual([3, 3]);
	expect(await found()).toMatchObject([
		{ severity: 'warning', ledger, device: thief.device, name: 'thief', amount: 2 },
	]);
});
