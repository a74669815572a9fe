/** Floods a document `free/` with presence, under its own names and under others'. Arguments: url of the document, a client id, milliseconds, sockets. */
import { writeSync } from 'node:fs';
import WebSocket from 'ws';
import { showing } from '../../adapters/relay/free/wire.js';

const [url = '', victim = '', ms = '', count = ''] = process.argv.slice(2);

/** One client's state as y-protocols writes it. */
function presence(client: number, clock: number, state: string): Uint8Array {
	const bytes: number[] = [1];
	for (let rest of [client, clock, state.length]) {
		for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
		bytes.push(rest);
	}
	return showing(Uint8Array.of(...bytes, ...new TextEncoder().encode(state)));
}

const sockets = Array.from({ length: Number(count) }, () => new WebSocket(url));
await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('open', resolve))));
writeSync(1, 'start\n');
let sent = 0;
for (const endMs = Date.now() + Number(ms); Date.now() < endMs; await new Promise((resolve) => setTimeout(resolve, 1)))
	for (const [i, socket] of sockets.entries()) {
		// What is not read over there waits here: enough is under way.
		if (socket.bufferedAmount > 1 << 20) continue;
		for (let n = 0; n < 20; n++, sent++) {
			const client = n % 2 === 0 ? 1_000 + i : Number(victim);
			socket.send(presence(client, 1_000 + sent, `{"name":"Mallory ${'x'.repeat(500)}"}`));
		}
	}
writeSync(1, `done ${sent}\n`);
process.exit(0);
