import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * At most so many sockets of one address that have not become a WebSocket yet: who opens them without end, and says nothing
 * or a byte a second, fills the room of nobody else.
 */
export function boundStrangers(server: Server, ofOneMax: number): void {
	/** By address, the ports that have not upgraded: the socket of an upgrade may be that of TLS, with the same port. */
	const strangers = new Map<string, Set<number>>();
	const leave = (address: string, port: number): void => {
		const ports = strangers.get(address);
		if (ports?.delete(port) && ports.size === 0) strangers.delete(address);
	};
	server.on('connection', (socket: Socket) => {
		const { remoteAddress = '', remotePort = 0 } = socket;
		const ports = strangers.get(remoteAddress) ?? new Set();
		if (ports.size >= ofOneMax) {
			socket.destroy();
			return;
		}
		strangers.set(remoteAddress, ports.add(remotePort));
		socket.once('close', () => leave(remoteAddress, remotePort));
	});
	server.on('upgrade', ({ socket }) => leave(socket.remoteAddress ?? '', socket.remotePort ?? 0));
}
