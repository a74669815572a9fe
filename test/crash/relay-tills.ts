/** Tills that sell without end through real sockets, and note every row that the relay says it has on disk. */
import { openReplica, type Replica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { webSocket } from 'tillmesh/websocket';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import type { Link, LinkEvents } from '../../src/ports/link.js';
import { secured } from '../../src/sync/channel.js';
import { decodeFrame } from '../../src/sync/frames.js';

export const ledger = 'stock/sh-014';

/** Rows by epoch, the most that was ever said. */
export type Acknowledged = Map<number, number>;

/** A link whose acknowledgements are noted on their way in. */
export function noting(link: Link, acknowledged: Acknowledged): Link {
	const note = (frame: Uint8Array): void => {
		const decoded = decodeFrame(frame);
		if (decoded?.kind !== 'ack') return;
		for (const { epoch, count } of decoded.positions)
			acknowledged.set(epoch, Math.max(count, acknowledged.get(epoch) ?? 0));
	};
	return {
		kind: link.kind,
		private: true,
		start: (events: LinkEvents) =>
			secured(link, nodePlatform()).start({
				up: (end) => events.up(end),
				frame: (frame) => {
					note(frame);
					events.frame(frame);
				},
				down: () => events.down(),
			}),
		stop: () => link.stop(),
	};
}

export class Till {
	readonly acknowledged: Acknowledged;
	readonly replica: Replica;
	#takeOff = () => {};
	#selling = false;

	private constructor(replica: Replica, acknowledged: Acknowledged) {
		this.replica = replica;
		this.acknowledged = acknowledged;
	}

	static async open(name: string, acknowledged: Acknowledged, more: object = {}): Promise<Till> {
		const replica = await openReplica({
			chain: 'chain',
			name,
			storage: memory(),
			keeps: ['stock/*'],
			links: [],
			...more,
		});
		return new Till(replica, acknowledged);
	}

	/** A fresh line at once: how long a link waits before it dials again is another test's matter. */
	connect(url: string): void {
		this.#takeOff();
		this.#takeOff = this.replica.addLink(noting(webSocket(url), this.acknowledged));
	}

	disconnect(): void {
		this.#takeOff();
		this.#takeOff = () => {};
	}

	async sell(): Promise<void> {
		const { name } = this.replica.status();
		const at = this.replica.ledger(ledger);
		const done = await this.replica.commit((tx) => {
			tx.add(at.counter('sold'), 1);
			// A sale here and another one there are not the same: digests are of figures.
			tx.add(at.counter(`sold by ${name}`), 1);
		});
		if (!done.ok) throw new Error(done.message);
	}

	get sold(): number {
		return this.replica.ledger(ledger).counter('sold').value.get();
	}

	/** Two sales at once and a pause, until it is stopped. */
	async sellOn(pauseMs: () => number): Promise<void> {
		this.#selling = true;
		while (this.#selling) {
			await Promise.all([this.sell(), this.sell()]);
			await new Promise((resolve) => setTimeout(resolve, pauseMs()));
		}
	}

	rest(): void {
		this.#selling = false;
	}
}
