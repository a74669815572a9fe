/** A WebSocket client that does as little as one can: the same for everybody who is measured, and never the narrow place. */
import { connect, type Socket } from 'node:net';

export interface RawSocket {
	/** Bytes of frames as `clientFrame` builds them. */
	write(frames: Uint8Array): void;
	close(): void;
}

/** A whole message to a server, under the mask of zeros: what a mask costs is not of interest here. */
export function clientFrame(payload: Uint8Array): Buffer {
	const length = payload.length;
	const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
	const frame = Buffer.alloc(head + 4 + length);
	frame[0] = 0x82;
	if (head === 2) frame[1] = 0x80 | length;
	else if (head === 4) {
		frame[1] = 0x80 | 126;
		frame.writeUInt16BE(length, 2);
	} else {
		frame[1] = 0x80 | 127;
		frame.writeBigUInt64BE(BigInt(length), 2);
	}
	frame.set(payload, head + 4);
	return frame;
}

const opBinary = 2;
const opClose = 8;
const opPing = 9;

/** Resolves once the server has agreed. `message` gets every binary message, valid until it returns. */
export function openRawSocket(
	url: string,
	subprotocol: string | undefined,
	message: (payload: Buffer) => void,
): Promise<RawSocket> {
	const { hostname, port, pathname, host } = new URL(url);
	return new Promise((resolve, reject) => {
		const socket = connect({ host: hostname, port: Number(port), noDelay: true });
		const close = () => {
			socket.removeAllListeners('close');
			socket.destroy();
		};
		socket.on('error', reject);
		socket.once('close', () => reject(new Error(`${url} hung up.`)));
		const headers = [
			`GET ${pathname} HTTP/1.1`,
			`Host: ${host}`,
			'Upgrade: websocket',
			'Connection: Upgrade',
			`Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
			'Sec-WebSocket-Version: 13',
			...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
		];
		socket.write(`${headers.join('\r\n')}\r\n\r\n`);
		let head = Buffer.alloc(0);
		const agree = (chunk: Buffer) => {
			head = Buffer.concat([head, chunk]);
			const end = head.indexOf('\r\n\r\n');
			if (end < 0) return;
			socket.off('data', agree);
			if (!head.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
				reject(new Error(`${url} said ${head.subarray(0, end)}`));
				return;
			}
			const read = messageReader(socket, message);
			socket.on('data', read);
			resolve({ write: (frames) => socket.write(frames), close });
			if (head.length > end + 4) read(head.subarray(end + 4));
		};
		socket.on('data', agree);
	});
}

function messageReader(socket: Socket, message: (payload: Buffer) => void): (chunk: Buffer) => void {
	let rest: Buffer | undefined;
	let parts: Buffer[] = [];
	return (chunk) => {
		const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
		let at = 0;
		for (;;) {
			const frame = readFrame(bytes, at);
			if (!frame) break;
			at = frame.end;
			const { op, last, payload } = frame;
			if (op === opClose) socket.destroy();
			else if (op === opPing) socket.write(pong(payload));
			else if (op <= opBinary && last && parts.length === 0) message(payload);
			else if (op <= opBinary) {
				parts.push(payload);
				if (!last) continue;
				message(Buffer.concat(parts));
				parts = [];
			}
		}
		rest = at < bytes.length ? bytes.subarray(at) : undefined;
	};
}

function pong(payload: Buffer): Buffer {
	const frame = clientFrame(payload);
	frame[0] = 0x8a;
	return frame;
}

function readFrame(bytes: Buffer, at: number) {
	const [first, second] = [bytes[at], bytes[at + 1]];
	if (first === undefined || second === undefined) return undefined;
	let length = second & 127;
	let head = 2;
	if (length === 126) {
		if (bytes.length < at + 4) return undefined;
		length = bytes.readUInt16BE(at + 2);
		head = 4;
	} else if (length === 127) {
		if (bytes.length < at + 10) return undefined;
		length = Number(bytes.readBigUInt64BE(at + 2));
		head = 10;
	}
	const end = at + head + length;
	if (end > bytes.length) return undefined;
	return { op: first & 15, last: (first & 128) !== 0, payload: bytes.subarray(at + head, end), end };
}
