/** The same week as plain Yjs would hold it: a document a store and one for the members. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { type ChainInput, shelfKey } from '../examples/chain-day/input.js';
import { type Said, serve } from './part.js';
import { type Books, playDay, sellers } from './resume-input.js';

export const storeRoom = (outlet: string) => `store-${outlet}`;
export const membersRoom = 'members';

/** Documents of the same room, of which each takes what the others write. */
class Room {
	readonly docs: readonly Y.Doc[];

	constructor(count: number) {
		this.docs = Array.from({ length: count }, () => new Y.Doc());
		for (const doc of this.docs)
			doc.on('update', (update: Uint8Array, origin: unknown) => {
				if (origin === 'peer') return;
				for (const other of this.docs) if (other !== doc) Y.applyUpdate(other, update, 'peer');
			});
	}

	get state(): Uint8Array {
		return Y.encodeStateAsUpdate(this.docs[0] as Y.Doc); // there is one at least
	}
}

class YjsTill implements Books {
	readonly #store: Y.Doc;
	readonly #members: Y.Doc;

	constructor(store: Y.Doc, members: Y.Doc) {
		this.#store = store;
		this.#members = members;
	}

	deliver(day: string, product: string, units: number): void {
		const shelf = this.#store.getMap<number>('shelf');
		const key = shelfKey(day, product);
		shelf.set(key, (shelf.get(key) ?? 0) + units);
	}

	sell(...[ticket, taken, earned]: Parameters<Books['sell']>): void {
		const { id, day, member = null, totalMinor, lines } = ticket;
		this.#store.transact(() => {
			this.#store.getArray(`tickets/${day}`).push([{ id, member, totalMinor, lines }]);
			const shelf = this.#store.getMap<number>('shelf');
			for (const [product, units] of taken) {
				const key = shelfKey(day, product);
				shelf.set(key, (shelf.get(key) ?? 0) - units);
			}
		});
		if (member === null || earned === 0) return;
		const points = this.#members.getMap<number>('points');
		points.set(member, (points.get(member) ?? 0) + earned);
	}
}

/** The states of a store's and the members' documents after the first day, and after all. */
export async function playYjs(input: ChainInput, outlet: string) {
	const members = new Room(input.outlets.length * sellers);
	const rooms = new Map(input.outlets.map((of) => [of, new Room(sellers)]));
	let next = 0;
	const tillOf = (store: Y.Doc) => new YjsTill(store, members.docs[next++] as Y.Doc); // as many as tills
	const stores = new Map([...rooms].map(([of, { docs }]) => [of, docs.map(tillOf)]));
	const states = () => ({
		[storeRoom(outlet)]: rooms.get(outlet)?.state ?? new Uint8Array(),
		[membersRoom]: members.state,
	});
	let first = states();
	for (const [i, day] of input.days.entries()) {
		await playDay(input, day, stores);
		if (i === 0) first = states();
	}
	return { first, last: states() };
}

function provide(url: string, room: string, doc: Y.Doc): Promise<WebsocketProvider> {
	return new Promise((resolve) => {
		const provider = new WebsocketProvider(url, room, doc, {
			WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket, // ws has all of it that is used
			disableBc: true,
		});
		provider.once('sync', () => resolve(provider));
	});
}

/** Brings a state to a server's room. */
export async function uploadYjs(url: string, room: string, state: Uint8Array): Promise<void> {
	const doc = new Y.Doc();
	Y.applyUpdate(doc, state);
	const provider = await provide(url, room, doc);
	// The server has it once somebody else gets it.
	const vector = Buffer.from(Y.encodeStateVector(doc));
	for (let tries = 0; ; tries++) {
		const reader = new Y.Doc();
		(await provide(url, room, reader)).destroy();
		if (vector.equals(Y.encodeStateVector(reader))) break;
		if (tries === 100) throw new Error(`the server does not have ${room}.`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	provider.destroy();
}

function save(file: string, state: Uint8Array): void {
	const handle = openSync(file, 'w');
	writeSync(handle, state);
	fsyncSync(handle);
	closeSync(handle);
}

/** A client that comes back with what its file holds, or without: `resume-yjs URL FOLDER OUTLET`. */
export async function resumeYjs(
	_options: unknown,
	[url = '', folder = '', outlet = '']: readonly string[],
): Promise<Said> {
	return serve(
		{},
		{
			async catchUp() {
				const startMs = performance.now();
				const work = [storeRoom(outlet), membersRoom].map(async (room) => {
					const doc = new Y.Doc();
					const file = `${folder}/${room}`;
					if (existsSync(file)) Y.applyUpdate(doc, readFileSync(file));
					const provider = await provide(url, room, doc);
					save(file, Y.encodeStateAsUpdate(doc));
					return { doc, provider };
				});
				const done = await Promise.all(work);
				const ms = performance.now() - startMs;
				for (const { provider } of done) provider.destroy();
				const [store, members] = done;
				const tickets = [...(store?.doc.share.keys() ?? [])]
					.filter((name) => name.startsWith('tickets/'))
					.reduce((sum, name) => sum + (store?.doc.getArray(name).length ?? 0), 0);
				return { ms, tickets, members: members?.doc.getMap('points').size ?? 0 };
			},
		},
	);
}
