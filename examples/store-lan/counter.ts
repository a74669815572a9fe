import { randomUUID } from 'node:crypto';
import type { Replica, Till } from 'tillmesh';
import { webSocket } from 'tillmesh/websocket';
import { readCommand } from './commands.js';
import { closeDay, showDay } from './day.js';
import { followOthers } from './others.js';
import { priceMinor } from './store.js';
import { clock, type Words } from './words.js';

/** How long a customer waits while units are fetched from elsewhere. */
const fetchMs = 1500;
/** How long a till that is closed waits until what it sold is somewhere else, too. */
const drainMs = 3000;
type Declined = Extract<Awaited<ReturnType<Till['checkout']>>, { ok: false }>;

/** A till as the person in front of it knows it: commands in, sentences out. */
export class Counter {
	readonly #till: Till;
	readonly #relay: string;
	readonly #words: Words;
	readonly #say: (text: string) => void;
	#pullCable: (() => void) | undefined;
	#lastSku = 'CUP-L';
	#wasLinked = false;
	/** Whether sales were left behind when the link broke. */
	#wasBehind = false;
	readonly #over = new AbortController();

	constructor(till: Till, relay: string, words: Words, say: (text: string) => void) {
		this.#till = till;
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
		followOthers(this.#till, { words: this.#words, say: this.#say, level: (sku) => this.#tellLevel(sku), signal });
		sync.status.on(() => this.#tellLink(), { signal });
		this.#plug();
	}

	get #replica(): Replica {
		return this.#till.replica;
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
			case 'day':
				showDay(this.#till, this.#words, this.#say);
				return;
			case 'z':
				await closeDay(this.#till, this.#words, this.#say);
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
		const { sharesKept, unsynced } = await this.#till.shutdown({ returnShares: true, drainMs });
		if (unsynced > 0) this.#say(this.#words.left(unsynced));
		this.#say(this.#words.goodbye(sharesKept));
	}

	#plug(): void {
		this.#pullCable ??= this.#replica.addLink(webSocket(this.#relay));
	}

	// ---- goods ----

	async #receive(quantity: number, sku: string, document: string): Promise<void> {
		const { catalog, stock } = this.#till;
		if (!catalog.sku(sku)) await catalog.define([{ sku, name: sku }]);
		const received = await stock.receive(
			{ document, lines: [{ sku, qty: quantity }] },
			{ idempotencyKey: `receive ${document} ${sku}` },
		);
		if (!received.ok) this.#say(received.message);
		else this.#say(received.replayed ? this.#words.receivedBefore(document) : this.#words.received(quantity, sku));
		this.#tellLevel(sku);
	}

	async #sell(quantity: number, sku: string): Promise<void> {
		const { stock } = this.#till;
		if (stock.level({ sku }).get().sellable < quantity && this.#isLinked)
			await stock.ensure({ sku, qty: quantity }, { timeoutMs: fetchMs });
		const sale = await this.#till.checkout(
			{
				lines: [{ sku, qty: quantity, unitPrice: priceMinor }],
				tenders: [{ kind: 'cash', amount: quantity * priceMinor }],
			},
			{ idempotencyKey: randomUUID(), by: this.#till.replica.name },
		);
		if (!sale.ok) {
			this.#tellRefusal(quantity, sku, sale);
			return;
		}
		this.#say(this.#words.sold(quantity, sku, sale.value.due, sale.value.receiptNo));
		this.#tellLevel(sku);
		if (!this.#isLinked) this.#tellWaiting();
	}

	#tellRefusal(quantity: number, sku: string, { code, message, short: [short] }: Declined): void {
		if (code !== 'out_of_stock') {
			this.#say(message);
			return;
		}
		const { refused, elsewhere, nobody } = this.#words;
		this.#say(refused(quantity, sku, this.#till.stock.level({ sku }).get().sellable));
		this.#say(short && short.elsewhere.length > 0 ? elsewhere(short.elsewhere) : `  ${nobody}`);
	}

	// ---- what there is to know ----

	get #isLinked(): boolean {
		return this.#replica.sync.status.get().peers.length > 0;
	}

	#show(): void {
		const { catalog, stock, replica } = this.#till;
		const skus = catalog.skus();
		if (skus.length === 0) this.#say(this.#words.empty);
		for (const sku of skus) {
			this.#tellLevel(sku);
			const holders = stock
				.holders({ sku })
				.get()
				.filter(({ device }) => device !== replica.device);
			if (holders.length > 0) this.#say(this.#words.elsewhere(holders));
		}
		this.#sayLink();
		this.#tellWaiting();
	}

	#tellLevel(sku: string): void {
		const { sellable, store } = this.#till.stock.level({ sku }).get();
		this.#say(this.#words.level(sku, sellable, store));
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
		const settlements = this.#till.orders
			.list({ state: 'settled' })
			.get()
			.flatMap((order) => order.settlements);
		const sales = settlements.filter(({ atMs, device }) => device === this.#replica.device && atMs >= since);
		const [first] = sales;
		if (first) this.#say(this.#words.waiting(sales.length, clock(first.atMs)));
		else this.#say(entries > 0 ? this.#words.waitingOther(entries) : this.#words.allSent);
		this.#say(safeToPowerOff ? this.#words.safe : this.#words.unsafe);
	}

	// ---- what happens elsewhere ----

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
