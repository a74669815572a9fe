import { createServer } from 'node:http';
import { type Listening, listenWebSocket } from '../../adapters/link-websocket/listen.js';
import type { Link, LinkEnd } from '../../src/ports/link.js';

interface Side {
	readonly link: Link;
	end: LinkEnd | undefined;
}

/** One way between two pages: what comes from the one goes to the other, and they end together. */
interface Room {
	readonly sides: Map<string, Side>;
	whole: boolean;
}

/**
 * A server for link tests of pages, which cannot listen: it joins the sockets `?room&a` and `?room&b`. A page cuts a room
 * and heals it by GET `/cut?room` and `/heal?room`.
 */
export async function serveRooms(origin: string): Promise<Listening> {
	const rooms = new Map<string, Room>();
	const roomOf = (name: string): Room => {
		const room = rooms.get(name) ?? { sides: new Map<string, Side>(), whole: true };
		rooms.set(name, room);
		return room;
	};
	const server = createServer(({ url = '' }, response) => {
		const [order, name = ''] = url.split('?');
		const room = roomOf(name);
		room.whole = order === '/heal';
		if (!room.whole) for (const { link } of [...room.sides.values()]) link.stop();
		response.setHeader('access-control-allow-origin', origin);
		response.end();
	});
	return listenWebSocket({
		server,
		origins: [origin],
		admit({ url = '' }) {
			const [name = ''] = url.split(/[?&]/).slice(1);
			return roomOf(name).whole ? undefined : 503;
		},
		accept(link, { url = '' }) {
			const [name = '', side = ''] = url.split(/[?&]/).slice(1);
			const { sides } = roomOf(name);
			const mine: Side = { link, end: undefined };
			const other = (): Side | undefined => [...sides].find(([key]) => key !== side)?.[1];
			sides.get(side)?.link.stop();
			sides.set(side, mine);
			link.start({
				up(end) {
					mine.end = end;
				},
				frame: (bytes) => other()?.end?.send(bytes),
				down() {
					if (sides.get(side) !== mine) return;
					sides.delete(side);
					other()?.link.stop();
				},
			});
		},
	});
}
