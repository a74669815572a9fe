/** A store with a root key above it, and those who attack it: real keys, real bytes, real sockets on loopback. */
import type { AddressInfo } from 'node:net';
import { type EnrolRequest, type OpenOptions, openReplica, type Replica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { type Relay, type RelayOptions, startRelay } from 'tillmesh/relay';
import { grantsOf, issue, type Role } from 'tillmesh/trust';
import { webSocket } from 'tillmesh/websocket';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { EnrolledKeys } from '../../../src/trust/credential.js';
import { until } from '../../contract/check.js';
import { ChainOfTrust, crypto, year } from '../../unit/trust/chain-of-trust.js';
import { folderOf } from '../real-lines.js';
import { Stranger } from '../stranger.js';

export const store = 'sh-1';
export const ledger = `orders/${store}`;
export const keeps = ['*'];

/** What certificates of a store are for: who asks is given the grants of its role. */
export class Stage {
	private constructor(readonly chain: ChainOfTrust) {}

	static async open(): Promise<Stage> {
		return new Stage(await ChainOfTrust.create(crypto, grantsOf('store', store)));
	}

	/** Somebody with a good key and a credential of the chain. */
	async enrol(
		role: Role,
		of = store,
		fields: Partial<typeof year> = {},
	): Promise<EnrolledKeys & { credential: Uint8Array }> {
		const pair = await crypto.generateKeyPair();
		return { ...pair, credential: await this.#give(pair.publicKey, role, of, fields) };
	}

	trust(role: Role, of = store) {
		return { root: this.chain.root, enrol: ({ key }: EnrolRequest) => this.#give(key, role, of) };
	}

	#give(subject: Uint8Array, role: Role, of: string, fields: Partial<typeof year> = {}): Promise<Uint8Array> {
		const isAbove = role === 'headquarters';
		const by = of === store && !isAbove ? this.chain.store : this.chain.pair;
		return issue(crypto, by, {
			subject,
			name: role,
			store: isAbove ? '' : of,
			role,
			grants: grantsOf(role, of),
			...year,
			...fields,
		});
	}

	async relay(more: Partial<RelayOptions> = {}): Promise<Relay> {
		const trust = this.trust('relay');
		const relay = await startRelay({ data: folderOf(), chain: 'chain', free: false, homes: [], trust, ...more });
		onTestFinished(() => relay.close());
		return relay;
	}

	async till(name: string, urls: readonly string[] = [], more: Partial<OpenOptions> = {}): Promise<Replica> {
		const till = await openReplica({
			chain: 'chain',
			name,
			storage: memory(),
			keeps: [ledger],
			links: urls.map((url) => webSocket(url)),
			trust: this.trust('cashier'),
			...more,
		});
		onTestFinished(async () => {
			await till.shutdown();
		});
		return till;
	}
}

let sales = 0;

/** A sale; in a store with a relay it is on that disk when this resolves. */
export async function sell(till: Replica, tier: 'device' | 'store' = 'store'): Promise<void> {
	const orders = till.ledger(ledger).logs('order');
	const done = await till.commit((tx) => tx.append(orders.at('1'), { verb: 'order.settle', n: ++sales }));
	if (!done.ok) throw new Error(done.message);
	await done.reached(tier, { timeoutMs: 20_000 });
}

export const sold = (till: Replica): number => till.ledger(ledger).logs('order').at('1').all().get().length;

/** Who is attacked, what it counts, and how to come at it. */
export interface Victim {
	readonly where: 'relay' | 'till';
	/** Connected, and nothing said yet. */
	dial(keys?: EnrolledKeys): Promise<Stranger>;
	/** Refusals since it was opened. */
	refusals(): number;
	/** The code of the newest of them, what was not allowed beside it. */
	newest(): string;
	/** Rows of the ledger that it holds. */
	rows(): number;
}

export function relayVictim(relay: Relay): Victim {
	const counts = () => Object.entries(relay.status().counters.rejected as Readonly<Record<string, number>>);
	let known = new Map(counts());
	const strangers: Stranger[] = [];
	onTestFinished(() => strangers.forEach((each) => void each.leave()));
	return {
		where: 'relay',
		async dial(keys) {
			const stranger = await Stranger.connect(relay.url, {}, 'tillmesh.2', keys);
			strangers.push(stranger);
			return stranger;
		},
		refusals: () => counts().reduce((sum, [, count]) => sum + count, 0),
		newest() {
			const [grown = ['nothing']] = counts().filter(([code, count]) => count > (known.get(code) ?? 0));
			known = new Map(counts());
			return grown[0];
		},
		rows: () => relay.status().ledgers.entries,
	};
}

/** The till dials whoever attacks it: each time over a link of its own, which ends with the stranger. */
export async function tillVictim(till: Replica): Promise<Victim> {
	const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'tillmesh.2' });
	await new Promise((resolve) => server.once('listening', resolve));
	onTestFinished(() => {
		for (const client of server.clients) client.terminate();
		server.close();
	});
	let [keys, came]: [EnrolledKeys | undefined, Stranger | undefined] = [undefined, undefined];
	server.on('connection', (socket) => {
		if (keys && !came) came = Stranger.over(socket, keys);
		else socket.terminate();
	});
	return {
		where: 'till',
		async dial(of) {
			[keys, came] = [of ?? (await crypto.generateKeyPair()), undefined];
			const hangUp = till.addLink(webSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`));
			await until(() => came !== undefined, 'the till dials', 10_000);
			const stranger = came as unknown as Stranger; // as was waited for
			stranger.socket.once('close', hangUp);
			return stranger;
		},
		refusals: () => till.status().rejected.count,
		newest: () => till.status().rejected.newest.at(-1)?.code ?? 'nothing',
		rows: () => till.status().ledgers.find((each) => each.ledger === ledger)?.rows ?? 0,
	};
}

/** What the victim answers to one act: the code it is refused with, `asked again`, or how it ended the conversation. */
export async function answerTo(victim: Victim, stranger: Stranger, act: () => void): Promise<string> {
	victim.newest();
	const [refused, heads] = [victim.refusals(), stranger.all('heads').length];
	act();
	const isRefused = () => victim.refusals() > refused;
	const isAsked = () => stranger.all('heads').length > heads;
	await until(() => isRefused() || isAsked() || stranger.closedWith !== undefined, 'an answer', 10_000);
	return isRefused() ? victim.newest() : isAsked() ? 'asked again' : 'closed';
}
