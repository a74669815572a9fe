import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { nowMs } from './clock.js';

/** A cable between a device and the relay above it, with somebody's hand on the plug. */
export interface Line {
	/** What the device dials. */
	readonly url: string;
	readonly isUp: boolean;
	/** When it was out, by `nowMs`; the last time may last yet. */
	readonly outages: readonly Outage[];
	cut(): void;
	/** Puts the plug in again. The outage is over when `linked` says that the two ends have found each other. */
	heal(linked: () => Promise<unknown>): Promise<void>;
	close(): Promise<void>;
}

export interface Outage {
	readonly fromMs: number;
	untilMs: number;
}

/** Carries TCP connections to `port`, which may change when the relay is started again. */
export async function openLine(port: () => number): Promise<Line> {
	const sockets = new Set<Socket>();
	const outages: Outage[] = [];
	let isUp = true;
	const carry = (from: Socket, to: Socket) => {
		sockets.add(from);
		from.pipe(to);
		from.on('error', () => to.destroy()); // a connection that breaks on one side breaks on the other
		from.on('close', () => {
			sockets.delete(from);
			to.destroy();
		});
	};
	const server = createServer({ noDelay: true }, (near) => {
		if (!isUp) {
			near.resetAndDestroy();
			return;
		}
		const far = connect({ port: port(), host: '127.0.0.1', noDelay: true });
		carry(near, far);
		carry(far, near);
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const cutAll = () => {
		for (const socket of sockets) socket.resetAndDestroy();
	};
	return {
		url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on TCP
		get isUp() {
			return isUp;
		},
		outages,
		cut() {
			if (!isUp) return;
			isUp = false;
			outages.push({ fromMs: nowMs(), untilMs: Number.POSITIVE_INFINITY });
			cutAll();
		},
		async heal(linked) {
			const last = outages.at(-1);
			if (isUp || !last) return;
			isUp = true;
			await linked();
			last.untilMs = nowMs();
		},
		close() {
			cutAll();
			return new Promise((resolve) => {
				server.close(() => resolve());
			});
		},
	};
}
