/**
 * Where tabs of one origin, name and chain meet: one channel for all of them. Ids are drawn anew by every start.
 *
 *   { tab: 'here', from }       I am here; said on arrival and with every heartbeat
 *   { tab: 'here', from, to }   the same, as an answer
 *   { tab: 'ask', from, to }    I have not heard of you for a while
 *   { tab: 'bye', from }        I leave
 */
export interface Word {
	readonly tab: 'here' | 'ask' | 'bye';
	readonly from: string;
	readonly to?: string;
}

function isWord(value: unknown): value is Word {
	if (typeof value !== 'object' || value === null) return false;
	const { tab, from, to }: Record<string, unknown> = { ...value };
	if (tab !== 'here' && tab !== 'ask' && tab !== 'bye') return false;
	return typeof from === 'string' && (to === undefined || typeof to === 'string');
}

/** What one tab hears and says there. */
export class Lobby {
	readonly #channel: BroadcastChannel;
	readonly #id: string;

	constructor(name: string, id: string, heard: (word: Word) => void) {
		this.#id = id;
		this.#channel = new BroadcastChannel(name);
		this.#channel.addEventListener('message', ({ data }) => {
			if (isWord(data) && data.from !== id && (data.to ?? id) === id) heard(data);
		});
	}

	say(tab: Word['tab'], to?: string): void {
		this.#channel.postMessage(to === undefined ? { tab, from: this.#id } : { tab, from: this.#id, to });
	}

	close(): void {
		this.#channel.close();
	}
}
