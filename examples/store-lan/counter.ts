import { randomUUID } from 'node:crypto';
import type { Refused, Replica } from 'tillmesh';
import { webSocket } from 'tillmesh/websocket';
import { readCommand } from './commands.js';
import { type Move, movesOf, shelfOf } from './store.js';
import { clock, type Words } from './words.js';

/** How long a customer waits while units are fetched from elsewhere. */
const fetchMs = 1500;
/** How long a till that is closed waits until what it sold is somewhere else, too. */
const drainMs = 3000;
/** More moves of others than this at once are told as a number. */
const toldMax = 5;

/** A till as the person in front of it knows it: commands in, sentences out. */
export class Counter {
	readonly #replica: Replica;
	readonly #relay: string;
	readonly #words: Words;
	readonly #say: (text: string) => void;
	#pullCable: (() => void) | undefined;
	#lastSku = 'CUP-L';
	/** Moves of others that were told, or were there before. */
	readonly #told = new WeakSet<Move>();
	#wasLinked = false;
	/** Whether sales were left behind when the link broke. */
	#wasBehind = false;
	readonly #over = new AbortController();

	constructor(replica: Replica, relay: string, words: Words, say: (text: string) => void) {
		this.#replica = replica;
		this.#relay = relay;
		this.#words = words;
		this.#say = say;
	}

	/** Says what there is, plugs the cable in, and tells from then on what happens elsewhere. */
	open(): void {
		const { name, sync } = this.#replica;
		const { signal } = this.#over;
		this.#say(this.#words.welcome(name, this.#relay));
		this.#show();
		for (const move of this.#others()) this.#told.add(move);
		movesOf(this.#replica)
			.all()
			.on(() => this.#tellMoves(), { signal });
		sync.status.on(() => this.#tellLink(), { signal });
		this.#plug();
	}

	async obey(line: string): Promise<'quit' | undefined> {
		const command = readCommand(line, this.#lastSku);
		if ('sku' in command) this.#lastSku = command.sku;
		switch (command.verb) {
			case 'receive':
				await this.#receive(command.quantity, command.sku, command.document ?? `${this.#replica.name} ${randomUUID()}`);
				return;
			case 'sell':
				await this.#sell(command.quantity, command.sku);
				return;
			case 'show':
				this.#show();
				return;
			case 'cut':
				this.#pullCable?.();
				this.#pullCable = undefined;
				this.#say(this.#words.cut);
				return;
			case 'plug':
				this.#plug();
				this.#say(this.#words.plugged);
				return;
			case 'help':
				this.#say(this.#words.help);
				return;
			case 'how-many':
				this.#say(this.#words.howMany);
				return;
			case 'unknown':
				this.#say(`${this.#words.unknown(command.word)}\n${this.#words.help}`);
				return;
			case 'quit':
				return 'quit';
		}
	}

	/** Hands back what is left, and waits a moment until nothing is on this till only. */
	async close(): Promise<void> {
		this.#over.abort();
		const { sharesKept, unsynced } = await this.#replica.shutdown({ returnShares: true, drainMs });
		if (unsynced > 0) this.#say(this.#words.left(unsynced));
		this.#say(this.#words.goodbye(sharesKept));
	}

	#plug(): void {
		this.#pullCable ??= this.#replica.addLink(webSocket(this.#relay));
	}

	// ---- goods ----

	async #receive(quantity: number, sku: string, document: string): Promise<void> {
		const replica = this.#replica;
		const move: Move = { kind: 'received', sku, quantity, till: replica.name };
		const outcome = await replica.commit(
			(tx) => {
				tx.mint(shelfOf(replica), sku, quantity, document);
				tx.append(movesOf(replica), move);
			},
			{ idempotencyKey: `receive ${document} ${sku}`, input: { quantity } },
		);
		if (!outcome.ok) this.#say(outcome.message);
		else this.#say(outcome.replayed ? this.#words.receivedBefore(document) : this.#words.received(quantity, sku));
		this.#tellLevel(sku);
	}

	async #sell(quantity: number, sku: string): Promise<void> {
		const replica = this.#replica;
		const shelf = shelfOf(replica);
		if (shelf.mine(sku) < quantity && this.#isLinked) await shelf.ensure(sku, quantity, { timeoutMs: fetchMs });
		const move: Move = { kind: 'sold', sku, quantity, till: replica.name };
		const outcome = await replica.commit(
			(tx) => {
				tx.spend(shelf, sku, quantity);
				tx.append(movesOf(replica), move);
			},
			{ idempotencyKey: randomUUID() },
		);
		if (!outcome.ok) {
			this.#tellRefusal(quantity, sku, outcome);
			return;
		}
		this.#say(this.#words.sold(quantity, sku));
		this.#tellLevel(sku);
		if (!this.#isLinked) this.#tellWaiting();
	}

	#tellRefusal(quantity: number, sku: string, { message, short: [short] }: Refused): void {
		if (!short) {
			this.#say(message);
			return;
		}
		const { refused, elsewhere, nobody } = this.#words;
		this.#say(refused(quantity, sku, short.mine));
		this.#say(short.elsewhere.length > 0 ? elsewhere(short.elsewhere) : `  ${nobody}`);
	}

	// ---- what there is to know ----

	get #isLinked(): boolean {
		return this.#replica.sync.status.get().peers.length > 0;
	}

	#show(): void {
		const shelf = shelfOf(this.#replica);
		const skus = shelf.keys();
		if (skus.length === 0) this.#say(this.#words.empty);
		for (const sku of skus) {
			this.#tellLevel(sku);
			const holders = shelf.holders(sku).get();
			if (holders.length > 0) this.#say(this.#words.elsewhere(holders));
		}
		this.#sayLink();
		this.#tellWaiting();
	}

	#tellLevel(sku: string): void {
		const shelf = shelfOf(this.#replica);
		this.#say(this.#words.level(sku, shelf.mine(sku), shelf.total(sku).get().level));
	}

	#sayLink(): void {
		const { peers } = this.#replica.sync.status.get();
		const named = peers.map(({ name, via }) => `${name} (${via})`);
		this.#say(peers.length > 0 ? this.#words.linked(named) : this.#words.alone);
	}

	/** "12 sales not yet at the store, oldest 14:02." */
	#tellWaiting(): void {
		const { waiting, safeToPowerOff } = this.#replica.sync.status.get();
		const { entries, oldest } = waiting.store;
		const since = oldest === undefined ? Number.POSITIVE_INFINITY : Date.parse(oldest);
		const isWaiting = ({ atMs, device, value }: { atMs: number; device: string; value: Move }) =>
			device === this.#replica.device && value.kind === 'sold' && atMs >= since;
		const sales = movesOf(this.#replica).all().get().filter(isWaiting);
		const [first] = sales;
		if (first) this.#say(this.#words.waiting(sales.length, clock(first.atMs)));
		else this.#say(entries > 0 ? this.#words.waitingOther(entries) : this.#words.allSent);
		this.#say(safeToPowerOff ? this.#words.safe : this.#words.unsafe);
	}

	// ---- what happens elsewhere ----

	#others(): readonly Move[] {
		const all = movesOf(this.#replica).all().get();
		return all.filter(({ device }) => device !== this.#replica.device).map(({ value }) => value);
	}

	#tellMoves(): void {
		const fresh = this.#others().filter((move) => !this.#told.has(move));
		for (const move of fresh) this.#told.add(move);
		if (fresh.length > toldMax) this.#say(this.#words.others(fresh.length));
		else for (const { till, kind, quantity, sku } of fresh) this.#say(this.#words.otherTill(till, kind, quantity, sku));
		for (const sku of new Set(fresh.map((move) => move.sku))) this.#tellLevel(sku);
	}

	#tellLink(): void {
		const isLinked = this.#isLinked;
		if (isLinked !== this.#wasLinked) {
			this.#wasLinked = isLinked;
			this.#sayLink();
			if (isLinked) this.#wasBehind = true;
		}
		if (!isLinked || !this.#wasBehind) return;
		if (this.#replica.sync.status.get().waiting.store.entries > 0) return;
		this.#wasBehind = false;
		this.#tellWaiting();
	}
}
