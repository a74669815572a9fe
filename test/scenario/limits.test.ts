/** A store with a root key, with real keys, sockets and disks: a cashier's till refunds more than its certificate lets it. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { memoryLink } from '../../adapters/link-memory/index.js';
import { webSocket } from '../../adapters/link-websocket/websocket.js';
import { startRelay } from '../../adapters/relay/index.js';
import { sqlite } from '../../adapters/storage-sqlite/index.js';
import { type EnrolRequest, openTill, type Replica, type Till } from '../../src/index.js';
import type { Enrolment } from '../../src/replica/enrolment.js';
import { noLimits } from '../../src/retail/shop/limits.js';
import { type GrantsOptions, grantsOf, type Role } from '../../src/retail/shop/roles.js';
import { temporaryFolder } from '../crash/child.js';
import { runWords } from '../unit/inspect/run-command.js';
import { ChainOfTrust, crypto } from '../unit/trust/chain-of-trust.js';

const store = 'sh-1';
const limits = { 'order.refund': 20_000 };
let keys = 0;
const key = () => ({ idempotencyKey: `key-${++keys}` });

async function until(what: string, holds: () => boolean): Promise<void> {
	for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
	expect(holds(), what).toBe(true);
}

async function doctor(data: string, lang: string): Promise<string> {
	const { code, out, err } = await runWords('doctor', '--data', data, '--lang', lang);
	expect([code, err]).toEqual([0, '']);
	return out;
}

test('S37 a refund beyond the limit of a certificate is refused by the relay and by every till, and the doctor names it', async () => {
	const chain = await ChainOfTrust.create(crypto, grantsOf('store', store));
	const trust = (role: Role, options?: GrantsOptions) => ({
		root: chain.root,
		enrol: ({ key: subject, name }: EnrolRequest) =>
			chain.give(subject, grantsOf(role, store, options), {
				name,
				store,
				by: role === 'headquarters' ? chain.pair : chain.store,
			}),
	});
	const folder = temporaryFolder();
	onTestFinished(() => folder.remove());
	const relay = await startRelay({ data: join(folder.path, 'relay'), chain: 'c', store, trust: trust('relay') });
	onTestFinished(() => relay.close());
	const open = async (name: string, of: ReturnType<typeof trust>): Promise<Till> => {
		const till = await openTill({
			chain: 'c',
			store,
			name,
			storage: sqlite(join(folder.path, `${name}.db`)),
			zone: 'Asia/Shanghai',
			currency: { code: 'CNY', decimals: 2 },
			links: [webSocket(relay.url)],
			trust: of,
		});
		onTestFinished(async () => void (await till.shutdown()));
		return till;
	};
	const boss = await open('boss', trust('headquarters'));
	const mia = await open('mia', trust('manager'));
	const cass = await open('cass', trust('cashier', { limits }));
	expect((await boss.catalog.define([{ sku: 'GOWN', name: 'Gown', policy: 'none' }])).ok).toBe(true);
	const cash = (amount: number) => [{ kind: 'cash', amount } as const];
	expect((await cass.day.openShift({ float: 100_000 }, key())).ok).toBe(true);
	await until('the gown is known', () => cass.catalog.sku('GOWN') !== undefined);
	const sale = await cass.checkout(
		{ lines: [{ sku: 'GOWN', qty: 2, unitPrice: 30_000 }], tenders: cash(60_000) },
		key(),
	);
	if (!sale.ok) throw new Error(sale.message);
	const [line] = cass.orders.linesOf(sale.value.order);
	const back = {
		order: sale.value.order,
		lines: [{ line: line?.id ?? '', qty: 1, restock: 'no' as const }],
		tenders: cash(30_000),
	};
	const today = cass.shop.today();
	const net = (till: Till) => till.totals.now({ stores: 'all', from: today })[0]?.net;

	// With a manager's yes it passes everywhere.
	const refused = await cass.refund(back, key());
	if (refused.ok || !refused.approval) throw new Error('it was not refused');
	expect(refused).toMatchObject({ code: 'needs_approval', approval: { limit: 20_000, asked: 30_000 } });
	const off = mia.approvals.pending().on((asked) => {
		for (const { id } of asked) void mia.approvals.decide(id, true, { idempotencyKey: `yes-${id}` });
	});
	const yes = await cass.approvals.ask(refused.approval, { timeoutMs: 10_000 });
	off();
	if (!yes.ok) throw new Error(yes.message);
	const done = await cass.refund(back, { ...key(), approval: yes.value });
	if (!done.ok) throw new Error(done.message);
	for (const till of [boss, mia]) await until('the refund counts', () => net(till) === 30_000);

	// Its program is changed: it asks nobody any more, neither its limits nor its certificate.
	cass.shop.limits = { ...noLimits, checkTold: (_, asked) => ({ asked }), beside: () => ({ asked: 0 }) };
	const { core } = cass.replica as Replica & { core: { enrolment: Enrolment } };
	core.enrolment.forbids = () => undefined;
	expect((await cass.refund(back, key())).ok).toBe(true);
	expect(net(cass)).toBe(0);
	await until('the relay refused it', () => relay.status().counters.rejected.not_allowed !== undefined);
	expect([net(boss), net(mia)]).toEqual([30_000, 30_000]);
	// Nor does anybody over a line of their own.
	const lan = memoryLink();
	cass.replica.addLink(lan.a);
	mia.replica.addLink(lan.b);
	const reason = 'limit order.refund';
	await until('mia refused it', () => mia.replica.status().rejected.newest.some((each) => each.reason === reason));
	expect(net(mia)).toBe(30_000);
	for (const till of [cass, mia, boss]) await till.shutdown();
	await relay.close();
	for (const data of ['relay', 'mia.db']) {
		const [en, zh] = [await doctor(join(folder.path, data), 'en'), await doctor(join(folder.path, data), 'zh')];
		const what = 'order.refund beyond the limit of its certificate';
		expect(en).toContain(`LOOK  cass (${cass.replica.device}) wrote in orders/sh-1/${today}: ${what}`);
		expect(zh).toContain('order.refund 超出其证书额度');
	}
});
