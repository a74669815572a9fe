/** Servers of the fan-out, each in a process of its own: `fanout-server KIND FOLDER`. */
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { freePort } from './free-port.js';
import { serve } from './part.js';

/** Starts a server on a free port of 127.0.0.1 and answers where. */
type Start = (folder: string) => Promise<string>;

/** A statement does not keep its database from being collected. */
const held: unknown[] = [];

const listening = (server: WebSocketServer): Promise<string> =>
	new Promise((resolve) =>
		server.on('listening', () => resolve(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)),
	);

/** The loop that everybody writes first. */
const bare: Start = () => {
	const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
	server.on('connection', (from) => {
		from.on('message', (data: RawData, binary: boolean) => {
			for (const client of server.clients)
				if (client !== from && client.readyState === WebSocket.OPEN) client.send(data, { binary });
		});
	});
	return listening(server);
};

/** Its own command, with the ws of its own. */
const yWebsocket: Start = async () => {
	const port = await freePort();
	Object.assign(process.env, { HOST: '127.0.0.1', PORT: String(port) });
	// The command itself is no export of the package; it lies beside one.
	await import(new URL('server.js', import.meta.resolve('@y/websocket-server/utils')).href);
	return `ws://127.0.0.1:${port}`;
};

/** With its database extension on SQLite as ours is set: WAL, synchronous=FULL. */
const hocuspocus =
	(timing: { readonly debounce?: number; readonly maxDebounce?: number }): Start =>
	async (folder) => {
		const [{ Hocuspocus }, { Database }, { DatabaseSync }] = await Promise.all([
			import('@hocuspocus/server'),
			import('@hocuspocus/extension-database'),
			import('@photostructure/sqlite'),
		]);
		const database = new DatabaseSync(`${folder}/hocuspocus.db`);
		held.push(database);
		database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
		database.exec('CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID');
		const read = database.prepare('SELECT data FROM documents WHERE name = ?');
		const write = database.prepare(
			'INSERT INTO documents (name, data) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET data = excluded.data',
		);
		const hocus = new Hocuspocus({
			quiet: true,
			...timing,
			extensions: [
				new Database({
					fetch: async ({ documentName }) => (read.get(documentName) as { data: Uint8Array } | undefined)?.data ?? null,
					store: async ({ documentName, state }) => {
						write.run(documentName, state);
					},
				}),
			],
		});
		const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
		server.on('connection', (socket, request) => hocus.handleConnection(socket, request));
		return listening(server);
	};

const servers: Readonly<Record<string, Start>> = {
	bare,
	'y-websocket': yWebsocket,
	hocuspocus: hocuspocus({}),
	'hocuspocus-each': hocuspocus({ debounce: 0 }),
};

export async function fanoutServer(_options: unknown, [kind = '', folder = '']: readonly string[]): Promise<never> {
	const start = servers[kind];
	if (!start) throw new Error(`no server "${kind}".`);
	return serve({ url: await start(folder) }, {});
}
