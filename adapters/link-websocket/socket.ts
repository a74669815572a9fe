import { TillmeshError } from '../../src/base/errors.js';
import { limits } from '../../src/base/limits.js';

/** Both sides name it when they meet: what travels is binary frames of `docs/PROTOCOL.md`, version 2. */
export const subprotocol = 'tillmesh.2';

/** What we use of a WebSocket, be it the browser's, Node's or that of the package ws. */
export interface Socket {
	binaryType: string;
	readonly bufferedAmount: number;
	/** The subprotocol that the server chose; empty for none. */
	readonly protocol: string;
	readonly readyState: number;
	send(data: Uint8Array): void;
	close(code?: number, reason?: string): void;
	/** ws only: ends without asking the other side. */
	terminate?(): void;
	addEventListener(type: 'open' | 'message' | 'error' | 'close', listen: (event: SocketEvent) => void): void;
}

/** All that the four events bring together. */
export interface SocketEvent {
	readonly data?: unknown;
	readonly code?: number;
	readonly reason?: string;
	/** ws says here why an attempt failed; browsers tell no page. */
	readonly message?: string;
}

/** The class of the WebSocket standard. */
export type WebSocketClass = new (url: string, protocol: string) => object;

export type Dial = (url: string) => Socket;

export const dialWith =
	(WebSocket: WebSocketClass): Dial =>
	(url) =>
		new WebSocket(url, subprotocol) as Socket; // checked by whoever hands the class in: it is the standard's

/** How many pieces a peer may break one frame into; browsers use a few dozen for a frame of 1 MiB. */
const fragmentsMax = 256;
/** Chunks of a frame that is still arriving: a frame of 1 MiB in packets of an Ethernet is 720. */
const chunksMax = 4096;

/** For clients and servers made with ws. */
export const wsOptions = {
	perMessageDeflate: false,
	maxPayload: limits.frameBytes,
	maxFragments: fragmentsMax,
	maxBufferedChunks: chunksMax,
	/** How long a peer may take to answer a closing handshake; then the socket is destroyed. */
	closeTimeout: 2_000,
};

/** Fails with `unavailable` where neither a global WebSocket nor the optional peer ws is found. */
export async function loadDial(): Promise<Dial> {
	if (typeof globalThis.WebSocket === 'function') return dialWith(globalThis.WebSocket);
	const { WebSocket } = await loadWs();
	return (url) => new WebSocket(url, subprotocol, wsOptions) as Socket; // has the standard's events and properties
}

export async function loadWs(): Promise<typeof import('ws')> {
	try {
		return await import(/* webpackIgnore: true */ 'ws');
	} catch (cause) {
		const what = 'No WebSocket here: npm install ws, or run a Node that has one.';
		throw new TillmeshError('unavailable', what, { missing: 'ws' }, cause);
	}
}
