import { limits } from '../../src/base/limits.js';
import type { LinkEnd } from '../../src/ports/link.js';
import { type Socket, type SocketEvent, subprotocol } from './socket.js';

/** Codes for applications begin at 4000; browsers let a page send no lower one but 1000. */
const closeCodes = { normal: 1000, notBinary: 4003, tooLarge: 4009 } as const;

const openState = 1;

export interface ConnectionEvents {
	opened(): void;
	frame(bytes: Uint8Array): void;
	/** Once; nothing comes after it. `why` is missing where this side closed. */
	ended(why?: string): void;
}

/** One attempt to reach a server, and the connection that comes of it. */
export class Connection implements LinkEnd {
	readonly #socket: Socket;
	readonly #events: ConnectionEvents;
	readonly #bufferedBytesMax: number;
	#state: 'dialing' | 'open' | 'ended' = 'dialing';
	#problem: string | undefined;

	constructor(socket: Socket, bufferedBytesMax: number, events: ConnectionEvents) {
		this.#socket = socket;
		this.#events = events;
		this.#bufferedBytesMax = bufferedBytesMax;
		socket.binaryType = 'arraybuffer';
		socket.addEventListener('open', () => this.#opened());
		socket.addEventListener('message', (event) => this.#received(event));
		socket.addEventListener('error', ({ message }) => {
			this.#problem ??= message;
		});
		socket.addEventListener('close', (event) => this.#end(this.#whyClosed(event)));
	}

	send(frame: Uint8Array): boolean {
		const socket = this.#socket;
		if (this.#state !== 'open' || socket.readyState !== openState || frame.length > limits.frameBytes) return false;
		if (socket.bufferedAmount + frame.length > this.#bufferedBytesMax) return false;
		socket.send(frame);
		return true;
	}

	close(): void {
		this.#leave(closeCodes.normal, undefined);
	}

	/** Gives the attempt up: for a server that does not answer. */
	abandon(why: string): void {
		if (this.#state === 'ended') return;
		this.#end(why);
		if (this.#socket.terminate) this.#socket.terminate();
		else this.#socket.close();
	}

	#opened(): void {
		if (this.#state !== 'dialing') return;
		if (this.#socket.protocol !== subprotocol) {
			this.#leave(closeCodes.normal, `the server does not speak ${subprotocol}`);
			return;
		}
		this.#state = 'open';
		this.#events.opened();
	}

	#received({ data }: SocketEvent): void {
		if (this.#state !== 'open') return;
		if (!(data instanceof ArrayBuffer)) this.#leave(closeCodes.notBinary, 'the server sent text');
		else if (data.byteLength > limits.frameBytes) this.#leave(closeCodes.tooLarge, 'the server sent too large a frame');
		else this.#events.frame(new Uint8Array(data));
	}

	#whyClosed({ code, reason }: SocketEvent): string {
		if (this.#problem !== undefined) return this.#problem;
		return reason ? `closed: ${code} ${reason}` : `closed: ${code}`;
	}

	/** Ends here at once; the other side may take its time over the closing handshake. */
	#leave(code: number, why: string | undefined): void {
		if (this.#state === 'ended') return;
		this.#end(why);
		this.#socket.close(code);
	}

	#end(why: string | undefined): void {
		if (this.#state === 'ended') return;
		this.#state = 'ended';
		this.#events.ended(why);
	}
}
