import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface NetProxyOptions {
	/** Where connections go on to, on 127.0.0.1. */
	readonly to: number;
	/** Added to every chunk, each way: 10 adds 20 ms to a round trip. */
	readonly delayMs?: number;
	/** Of each connection and way; unlimited where left out. */
	readonly bytesPerSecond?: number;
}

export interface NetProxy extends AsyncDisposable {
	readonly port: number;
	/** What TCP carried since it began: `up` from whoever connected, `down` to them. */
	readonly bytes: { readonly up: number; readonly down: number };
	/** Resets every connection, and refuses new ones until `heal`. */
	cut(): void;
	heal(): void;
	close(): Promise<void>;
}

/** More than this waiting on one way, and its sender is paused: a slow line pushes back. */
const waitingBytesMax = 1 << 20;

/** One way of one connection: chunks leave in order, each no sooner than its delay and the line's rate allow. */
class Way {
	readonly #from: Socket;
	readonly #to: Socket;
	readonly #delayMs: number;
	readonly #bytesPerSecond: number;
	readonly #queue: { readonly dueMs: number; readonly chunk: Buffer | undefined }[] = [];
	#waitingBytes = 0;
	#lineFreeMs = 0;
	#timer: NodeJS.Timeout | undefined;

	constructor(from: Socket, to: Socket, options: NetProxyOptions, count: (bytes: number) => void) {
		this.#from = from;
		this.#to = to;
		this.#delayMs = options.delayMs ?? 0;
		this.#bytesPerSecond = options.bytesPerSecond ?? Number.POSITIVE_INFINITY;
		from.on('data', (chunk: Buffer) => {
			count(chunk.length);
			this.#put(chunk);
		});
		from.on('end', () => this.#put(undefined));
		// What was under way when a side broke is lost with it; what came before an orderly end still arrives.
		from.on('close', () => {
			if (!from.readableEnded) to.destroy();
		});
	}

	#put(chunk: Buffer | undefined): void {
		const nowMs = performance.now();
		const bytes = chunk?.length ?? 0;
		this.#lineFreeMs = Math.max(this.#lineFreeMs, nowMs) + (bytes * 1000) / this.#bytesPerSecond;
		this.#queue.push({ dueMs: this.#lineFreeMs + this.#delayMs, chunk });
		this.#waitingBytes += bytes;
		if (this.#waitingBytes > waitingBytesMax) this.#from.pause();
		if (!this.#timer) this.#turn();
	}

	#turn(): void {
		this.#timer = undefined;
		for (let first = this.#queue[0]; first; first = this.#queue[0]) {
			const waitMs = first.dueMs - performance.now();
			// Timers count whole milliseconds: what is due within half of one goes now.
			if (waitMs > 0.5) {
				this.#timer = setTimeout(() => this.#turn(), waitMs);
				return;
			}
			this.#queue.shift();
			this.#deliver(first.chunk);
		}
	}

	#deliver(chunk: Buffer | undefined): void {
		if (this.#to.destroyed) return;
		if (!chunk) {
			this.#to.end();
			return;
		}
		this.#waitingBytes -= chunk.length;
		const taken = this.#to.write(chunk, () => this.#resume());
		if (!taken) this.#from.pause();
		else this.#resume();
	}

	#resume(): void {
		if (this.#from.isPaused() && this.#waitingBytes <= waitingBytesMax && !this.#to.writableNeedDrain)
			this.#from.resume();
	}
}

/** A slow and breakable line to a local port, on a free port of 127.0.0.1. */
export async function startNetProxy(options: NetProxyOptions): Promise<NetProxy> {
	const bytes = { up: 0, down: 0 };
	const sockets = new Set<Socket>();
	let whole = true;
	const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
		if (!whole) {
			near.resetAndDestroy();
			return;
		}
		const far = connect({ port: options.to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
		for (const [socket, other] of [
			[near, far],
			[far, near],
		] as const) {
			sockets.add(socket);
			// A connection that breaks on one side breaks on the other: whoever reads there sees it.
			socket.on('error', () => other.destroy());
			socket.on('close', () => sockets.delete(socket));
		}
		new Way(near, far, options, (n) => {
			bytes.up += n;
		});
		new Way(far, near, options, (n) => {
			bytes.down += n;
		});
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const breakAll = () => {
		whole = false;
		for (const socket of sockets) socket.resetAndDestroy();
	};
	const close = () =>
		new Promise<void>((resolve) => {
			breakAll();
			server.close(() => resolve());
		});
	return {
		port: (server.address() as AddressInfo).port, // it listens on TCP
		bytes,
		cut: breakAll,
		heal() {
			whole = true;
		},
		close,
		[Symbol.asyncDispose]: close,
	};
}
