import { fromUtf8, utf8 } from '../../src/base/bytes.js';
import type { DeviceId } from '../../src/base/ids.js';
import type { RowStore } from '../../src/relay/row-store.js';

export interface KnownDevice {
	readonly name: string;
	readonly seenMs: number;
	readonly via: string;
	/** Entries that it held and this relay did not, when it was last heard. */
	readonly waiting: number;
}

const key = 'devices';
/** The longest unheard of goes first. */
const devicesMax = 4_096;

/** Who was here, over restarts: for people to read, and for nothing else. */
export class Devices {
	readonly #store: RowStore;
	readonly #known = new Map<DeviceId, KnownDevice>();
	#changed = false;

	constructor(store: RowStore) {
		this.#store = store;
		const [note] = store.notes(key);
		for (const [device, name, seenMs, via] of note?.value ? parse(fromUtf8(note.value)) : [])
			this.#known.set(device, { name, seenMs, via, waiting: 0 });
	}

	get all(): ReadonlyMap<DeviceId, KnownDevice> {
		return this.#known;
	}

	seen(device: DeviceId, known: KnownDevice): void {
		// In the order of last being heard.
		this.#known.delete(device);
		this.#known.set(device, known);
		this.#changed = true;
		for (const oldest of this.#known.keys()) {
			if (this.#known.size <= devicesMax) break;
			this.#known.delete(oldest);
		}
	}

	/** Writes them down where anything changed. */
	async save(): Promise<void> {
		if (!this.#changed) return;
		this.#changed = false;
		const list = [...this.#known].map(([device, { name, seenMs, via }]) => [device, name, seenMs, via]);
		const value = utf8(JSON.stringify(list));
		await this.#store.write({ epochs: [], runs: [], points: [], notes: [{ key, value }] });
	}
}

/** It passed its checksum; a list in another form was written by another version, and is no loss. */
function parse(json: string): [string, string, number, string][] {
	const list: unknown = JSON.parse(json);
	if (!Array.isArray(list)) return [];
	return list.filter(
		(each): each is [string, string, number, string] =>
			Array.isArray(each) && ['string', 'string', 'number', 'string'].every((type, i) => typeof each[i] === type),
	);
}
