import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { assert } from '../../src/base/assert.js';
import { limits } from '../../src/base/limits.js';
import type { Link, LinkEnd, LinkEvents } from '../../src/ports/link.js';
import { TurnWriter } from './turn.js';

/** RFC 6455, section 7.4.1. What is too large or in too many pieces, ws refuses by itself, with 1009 and 1008. */
const closeCodes = { normal: 1000, goingAway: 1001, notBinary: 1003 } as const;

/** Ours are the system's, such as a line that was reset. */
const isTheirs = (error: Error): boolean => String((error as { code?: unknown }).code).startsWith('WS_ERR_');

const bytesOf = ({ buffer, byteOffset, length }: Buffer): Uint8Array => new Uint8Array(buffer, byteOffset, length);

/**
 * One accepted connection: up once it is started, down when it ends, and never up again. Nothing is read before `start`.
 * Its frames go to the stream under the WebSocket past ws, those of a turn together.
 */
export class ServerEnd implements Link, LinkEnd {
	readonly kind: string;
	readonly #socket: WebSocket;
	readonly #writer: TurnWriter;
	readonly #bufferedBytesMax: number;
	readonly #broken: () => void;
	#events: LinkEvents | undefined;
	#state: 'waiting' | 'up' | 'ended' = 'waiting';

	constructor(socket: WebSocket, wire: Duplex, kind: string, bufferedBytesMax: number, broken: () => void) {
		this.kind = kind;
		this.#socket = socket;
		this.#writer = new TurnWriter(wire);
		this.#bufferedBytesMax = bufferedBytesMax;
		this.#broken = broken;
		socket.pause();
		socket.on('message', (data, isBinary) => this.#received(data, isBinary));
		// ws has closed with the code that fits by then, and says `close` next.
		socket.on('error', (error) => {
			if (isTheirs(error)) broken();
			this.#end();
		});
		socket.on('close', () => this.#end());
	}

	start(events: LinkEvents): void {
		assert(this.#events === undefined, 'Link', 'a link is started once');
		this.#events = events;
		// Whoever starts a link has noted it by then.
		queueMicrotask(() => {
			if (this.#state !== 'waiting') return;
			this.#state = 'up';
			events.up(this);
			this.#socket.resume();
		});
	}

	stop(): void {
		this.#leave(closeCodes.goingAway);
	}

	send(frame: Uint8Array): boolean {
		if (this.#state !== 'up' || this.#socket.readyState !== this.#socket.OPEN) return false;
		if (frame.length > limits.frameBytes) return false;
		if (this.#writer.waitingBytes + frame.length > this.#bufferedBytesMax) return false;
		this.#writer.write(frame);
		return true;
	}

	close(): void {
		this.#leave(closeCodes.normal);
	}

	#received(data: unknown, isBinary: boolean): void {
		if (this.#state !== 'up') return;
		// What is read here is opened into memory of its own: a view on what the socket brought will do.
		if (isBinary && Buffer.isBuffer(data)) this.#events?.frame(bytesOf(data));
		else {
			this.#broken();
			this.#leave(closeCodes.notBinary);
		}
	}

	#leave(code: number): void {
		if (this.#state === 'ended') return;
		this.#end();
		this.#writer.flush();
		// Paused, it would not hear the other side's answer.
		this.#socket.resume();
		this.#socket.close(code);
	}

	#end(): void {
		const wasUp = this.#state === 'up';
		this.#state = 'ended';
		if (wasUp) this.#events?.down();
	}
}
