/** Relays and tills over real sockets, which end with the test. */
import { type OpenOptions, openReplica, type Replica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { type Relay, type RelayOptions, startRelay } from 'tillmesh/relay';
import { webSocket } from 'tillmesh/websocket';
import { onTestFinished } from 'vitest';
import { type NetProxy, type NetProxyOptions, startNetProxy } from '../../scripts/net-proxy.js';
import { temporaryFolder } from '../crash/child.js';

export const chain = 'chain';
export const ordersOfToday = 'orders/sh-014';

/** A folder that is gone when the test is over. */
export function folderOf(): string {
	const folder = temporaryFolder();
	onTestFinished(() => folder.remove());
	return folder.path;
}

export async function relayOf(options: Omit<RelayOptions, 'chain'>): Promise<Relay> {
	const relay = await startRelay({ chain, free: false, ...options });
	onTestFinished(() => relay.close());
	return relay;
}

/** In memory, with a link to each URL. */
export async function tillOf(name: string, urls: readonly string[], more: Partial<OpenOptions> = {}): Promise<Replica> {
	const till = await openReplica({
		chain,
		name,
		storage: memory(),
		keeps: ['orders/*', 'catalog/*'],
		links: urls.map((url) => webSocket(url)),
		...more,
	});
	onTestFinished(async () => {
		await till.shutdown();
	});
	return till;
}

export const portOf = (url: string): number => Number(new URL(url).port);

/** A line to the relay that can be slow, and cut. */
export async function lineTo(
	relayUrl: string,
	options: Omit<NetProxyOptions, 'to'> = {},
): Promise<NetProxy & { readonly url: string }> {
	const proxy = await startNetProxy({ to: portOf(relayUrl), ...options });
	onTestFinished(() => proxy.close());
	return Object.assign(proxy, { url: `ws://127.0.0.1:${proxy.port}` });
}

export type Order = { readonly order: string; readonly totalMinor: number };

const log = (replica: Replica) => replica.ledger(ordersOfToday).log<Order>('orders');
const charged = (replica: Replica) => replica.ledger(ordersOfToday).counter('chargedMinor');

/** An order and its charge, of one piece: sent again it is the same. */
export function pay(replica: Replica, order: string, totalMinor: number) {
	const work = (tx: Parameters<Parameters<Replica['commit']>[0]>[0]) => {
		tx.append(log(replica), { order, totalMinor });
		tx.add(charged(replica), totalMinor);
	};
	return replica.commit(work, { idempotencyKey: `pay ${order}` });
}

/** What a person would count: orders, how many of them differ, and the money. */
export function bookedAt(replica: Replica): {
	readonly orders: number;
	readonly different: number;
	readonly charged: number;
} {
	const orders = log(replica)
		.all()
		.get()
		.map(({ value }) => value.order);
	return { orders: orders.length, different: new Set(orders).size, charged: charged(replica).value.get() };
}

export const waitingAt = (replica: Replica, tier: 'store' | 'hq'): number =>
	replica.sync.status.get().waiting[tier].entries;
