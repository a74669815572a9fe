/** A warehouse that would like to read members, and a relay's owner who looks: what is said to whom, searched inside the channel. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTill } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { sqlite } from 'tillmesh/sqlite';
import { webSocket } from 'tillmesh/websocket';
import { expect, onTestFinished, test } from 'vitest';
import type { Frame } from '../../../src/sync/frames.js';
import { pause, until } from '../../contract/check.js';
import { folderOf } from '../real-lines.js';
import { Stranger } from '../stranger.js';
import { crookedRelay } from './crooked-relay.js';
import { keeps, Stage, store, tillVictim } from './stage.js';
import { tell } from './tally.js';

const ledgersOf = (frame: Frame): readonly string[] => {
	if ('ledger' in frame) return [frame.ledger];
	if (frame.kind === 'digests' || frame.kind === 'heads') return frame.ledgers.map(({ ledger }) => ledger);
	return [];
};
const isStock = (ledger: string) => /^(stock|desk|catalog|transfers)\b/.test(ledger);

test('S37 a warehouse reads no byte of a member or an order: not on its lines, not by asking by hand, not on its disk', async () => {
	const stage = await Stage.open();
	const relay = await crookedRelay(stage);
	const tabletDisk = folderOf();
	const till = await openTill({
		chain: 'chain',
		store,
		name: 'till-1',
		storage: memory(),
		zone: 'Asia/Shanghai',
		currency: { code: 'CNY', decimals: 2 },
		links: [webSocket(relay.url)],
		trust: stage.trust('headquarters'),
		members: { secret: 'of sixteen bytes and more' },
	});
	onTestFinished(async () => {
		await till.shutdown();
	});
	const tablet = await stage.till('tablet', [relay.url], {
		keeps: ['*/*'],
		storage: sqlite(join(tabletDisk, 'tablet.db')),
		trust: stage.trust('warehouse'),
	});
	// By hand, over a line to the relay and one to the till: asks for everything, and takes whatever comes.
	const byHand = await stage.enrol('warehouse');
	const strangers = [await Stranger.enrolled(relay.url, keeps, byHand)];
	const atTill = await (await tillVictim(till.replica)).dial(await stage.enrol('warehouse'));
	await atTill.join({ keeps });
	strangers.push(atTill);
	onTestFinished(() => strangers.forEach((stranger) => void stranger.leave()));
	const sales = 20;
	await till.catalog.define([{ sku: 'CUP', name: 'Cup' }]);
	const goods = await till.stock.receive(
		{ document: 'PO-1', lines: [{ sku: 'CUP', qty: 100 }] },
		{ idempotencyKey: 'po-1' },
	);
	expect(goods.ok, JSON.stringify(goods)).toBe(true);
	const registered = await till.members.register({ phone: '138-7766-5544' }, { idempotencyKey: 'ada' });
	if (!registered.ok) throw new Error(registered.message);
	const member = registered.value;
	for (let i = 0; i < sales; i++) {
		const earned = await till.members.earn({ member, points: 7, source: `cup ${i}` }, { idempotencyKey: `earn ${i}` });
		expect(earned.ok, JSON.stringify(earned)).toBe(true);
		const sale = await till.checkout(
			{
				member,
				lines: [{ sku: 'CUP', qty: 1, unitPrice: 1800 }],
				tenders: [{ kind: 'cash', amount: 1800, given: 2000 }],
			},
			{ idempotencyKey: `sale ${i}` },
		);
		expect(sale.ok, JSON.stringify(sale)).toBe(true);
	}
	await till.replica.sync.flush({ tier: 'store', timeoutMs: 20_000 });
	const asked = till.replica.ledgers().filter((ledger) => !isStock(ledger));
	for (const stranger of strangers)
		for (const ledger of asked)
			stranger.say({
				kind: 'heads',
				answer: true,
				ledgers: [{ ledger, rows: [], covered: [], checkpoint: new Uint8Array(), marks: new Uint8Array() }],
			});
	const stock = `stock/${store}`;
	await until(() => tablet.digest(stock) === till.replica.digest(stock), 'the tablet has the stock', 20_000);
	await pause(500);
	expect(till.replica.ledgers().some((ledger) => ledger.startsWith('members/'))).toBe(true);

	const toTablet = relay.seen.filter(({ way, device }) => way === 'out' && device === tablet.device);
	const frames = [...toTablet.map(({ frame }) => frame), ...strangers.flatMap(({ heard }) => heard)];
	const named = new Set(frames.flatMap(ledgersOf));
	expect(named).toContain(stock);
	for (const ledger of named) expect(isStock(ledger), ledger).toBe(true);
	const isSaid = (kind: Frame['kind']) => kind !== 'hello';
	const bytes = Buffer.concat([
		...toTablet.filter(({ frame }) => isSaid(frame.kind)).map(({ bytes }) => bytes),
		...strangers.flatMap(({ heardBytes }) => heardBytes.filter((frame) => frame[0] !== 1)),
	]);
	const disk = readdirSync(tabletDisk).map((file) => readFileSync(join(tabletDisk, file)));
	const secrets = [member, '138', '7766', 'member.', 'points', 'order.settle', 'tender', 'cash', 'cup 1'];
	for (const secret of secrets)
		for (const [what, where] of [
			['wire', bytes],
			['disk', Buffer.concat(disk)],
		] as const)
			expect(where.includes(secret), `${secret} on the ${what}`).toBe(false);
	// It would have been found: the relay's owner has seen it pass, from the till.
	const owner = Buffer.concat(relay.seen.map((passing) => passing.bytes));
	expect(owner.includes(member)).toBe(true);
	tell({
		threat: 'warehouse reading members',
		where: 'relay, till, its disk',
		acts: strangers.length * asked.length,
		outcome: { 'frames searched': frames.length, 'bytes of members or orders found': 0 },
	});
});
