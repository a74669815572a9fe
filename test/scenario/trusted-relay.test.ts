/** A store with a root key above it, with real keys, sockets and disks: a relay, its home, and two tills. */
import { expect, onTestFinished, test } from 'vitest';
import { webSocket } from '../../adapters/link-websocket/websocket.js';
import { startRelay } from '../../adapters/relay/index.js';
import { memory } from '../../adapters/storage-memory/index.js';
import { type EnrolRequest, openReplica, type Replica } from '../../src/index.js';
import { grantsOf, type Role } from '../../src/retail/shop/roles.js';
import { temporaryFolder } from '../crash/child.js';
import { ChainOfTrust, crypto } from '../unit/trust/chain-of-trust.js';

const store = 'sh-1';
const ledger = `desk/${store}`;

async function until(what: string, holds: () => boolean): Promise<void> {
	for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
	expect(holds(), what).toBe(true);
}

test('S37 a relay with its home serves those who are enrolled, and nobody else', async () => {
	const chain = await ChainOfTrust.create(crypto, grantsOf('store', store));
	const asked: string[] = [];
	const trust = (role: Role) => ({
		root: chain.root,
		enrol: ({ key, name }: EnrolRequest) => {
			asked.push(name);
			return chain.give(key, grantsOf(role, store), { name, store });
		},
	});
	const folder = temporaryFolder();
	onTestFinished(() => folder.remove());
	await using relay = await startRelay({ data: folder.path, chain: 'c', store, trust: trust('relay') });
	expect(asked).toEqual([store, `${store} home`]);
	const keeps = [ledger, 'members/*'];
	const open = (name: string, options: { readonly trust?: ReturnType<typeof trust> }): Promise<Replica> =>
		openReplica({ chain: 'c', name, storage: memory(), keeps, links: [webSocket(relay.url)], ...options });
	await using a = await open('a', { trust: trust('cashier') });
	await using b = await open('b', { trust: trust('warehouse') });
	await using stranger = await open('stranger', {});
	const write = (of: Replica, verb: string) =>
		of.commit((tx) => tx.append(of.ledger(ledger).logs('task').at('1'), { verb }));
	const seen = (of: Replica) => of.ledger(ledger).logs('task').at('1').all().get().length;
	const first = await write(a, 'task.open');
	if (!first.ok) throw new Error(first.message);
	await first.reached('store', { timeoutMs: 5000 });
	await until('the other till has it', () => seen(b) === 1);
	expect(await write(b, 'order.settle')).toMatchObject({ ok: false, code: 'not_allowed' });
	expect((await write(stranger, 'order.settle')).ok).toBe(true);
	await relay.renew();
	expect(asked).toEqual([store, `${store} home`, 'a', 'b', store, `${store} home`]);
	await write(a, 'task.claim');
	await until('after a renewal too', () => seen(b) === 2);
	expect(seen(stranger)).toBe(1);
	expect([seen(a), seen(b)]).toEqual([2, 2]);
});
