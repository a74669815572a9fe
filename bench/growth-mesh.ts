import { copyFileSync, existsSync } from 'node:fs';
import { nodePlatform } from '../adapters/platform-node/index.js';
import { memory, memoryLink } from '../adapters/storage-memory/index.js';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import { type Ledger, openReplica, type Replica } from '../src/index.js';
import { median, progress } from './rounds.js';

/** What lies on the measured till's disk, and what the run of this far was like. */
export interface Grown {
	readonly spends: number;
	/** The measured till's database after shutdown. */
	readonly file: string;
	/** Median over steps of a few thousand spends: a moment in which the machine is busy elsewhere is not ours. */
	readonly spendsPerSecond: number;
	readonly equal: boolean;
}

const ledgerName = 'stock/sh-014';
const stockEach = 1_000_000_000;

interface Member {
	readonly name: string;
	replica: Replica;
	ledger: Ledger;
	unlink: () => void;
}

export interface MeshSize {
	readonly tills: number;
	readonly skus: number;
	/** Commits that a till hands over at once. */
	readonly chunk: number;
	/** A new archive takes over after so many spends: one that keeps all rows would need all memory. */
	readonly archiveSpends: number;
}

export const fourTills: MeshSize = { tills: 4, skus: 500, chunk: 512, archiveSpends: 1_000_000 };

/** Tills and an archive around a home, linked in memory; the first till on SQLite. */
export class Mesh {
	readonly #file: string;
	readonly #size: MeshSize;
	readonly #skus: readonly string[];
	#home!: Member; // opened before anything else, in `start`
	#archive!: Member; // likewise
	readonly #tills: Member[] = [];
	#spent = 0;
	#archived = 0;
	#pick = 1;
	#round = 0;

	constructor(file: string, size = fourTills) {
		this.#file = file;
		this.#size = size;
		this.#skus = Array.from({ length: size.skus }, (_, i) => `SKU-${String(i).padStart(4, '0')}`);
	}

	async start(): Promise<void> {
		this.#home = await this.#open('home', { home: [ledgerName], archive: false });
		this.#archive = await this.#open('archive', { archive: true });
		for (let i = 1; i <= this.#size.tills; i++) this.#tills.push(await this.#open(`till-${i}`, {}));
		const pool = this.#home.ledger.pool('stock');
		const { replica } = this.#home;
		// A grant for each key and till is a leg, and a commit has not room for any number of them.
		const step = Math.ceil(200 / this.#size.tills);
		for (let at = 0; at < this.#skus.length; at += step) {
			const keys = this.#skus.slice(at, at + step);
			await replica.commit((tx) => {
				for (const key of keys) tx.mint(pool, key, stockEach, 'delivery-1');
			});
			await replica.commit((tx) => {
				for (const key of keys)
					for (const till of this.#tills)
						tx.grant(pool, key, Math.floor(stockEach / this.#tills.length), till.replica.device);
			});
		}
		const last = this.#skus.at(-1) ?? '';
		await this.#until(() => this.#tills.every(({ ledger }) => ledger.pool('stock').mine(last) > 0));
	}

	async #open(name: string, options: { home?: string[]; archive?: boolean }): Promise<Member> {
		const storage = name === 'till-1' ? sqlite(this.#file) : memory({ platform: nodePlatform() });
		const replica = await openReplica({ chain: 'bench', name, storage, keeps: ['stock/*'], ...options });
		const member = { name, replica, ledger: replica.ledger(ledgerName), unlink: () => {} };
		if (name !== 'home') this.#link(member);
		return member;
	}

	#link(member: Member): void {
		const line = memoryLink();
		const ends = [this.#home.replica.addLink(line.a), member.replica.addLink(line.b)];
		member.unlink = () => {
			for (const end of ends) end();
		};
	}

	async #until(done: () => boolean): Promise<void> {
		const giveUp = performance.now() + 60_000;
		while (!done()) {
			if (performance.now() > giveUp)
				throw new Error(`a minute without progress at ${this.#spent} spends: ${this.status()}`);
			await new Promise((resolve) => setImmediate(resolve));
		}
	}

	/** Sells one unit a commit until `spends` are spent, with the housekeeping of a home every few thousand. */
	async grow(spends: number): Promise<Grown> {
		const rates: number[] = [];
		let said = performance.now();
		while (this.#spent < spends) {
			const [before, began] = [this.#spent, performance.now()];
			await this.#sell(Math.min(this.#size.chunk, Math.ceil((spends - this.#spent) / this.#tills.length)));
			await this.#tend();
			rates.push(((this.#spent - before) * 1000) / (performance.now() - began));
			if (this.#spent - this.#archived >= this.#size.archiveSpends) await this.#replaceArchive();
			if (performance.now() - said < 10_000) continue;
			said = performance.now();
			progress(`${this.#spent} spends, ${Math.round(median(rates.slice(-50)))} a second`);
		}
		return { ...(await this.#snapshot()), spendsPerSecond: median(rates) };
	}

	async #sell(each: number): Promise<void> {
		const waiting: Promise<{ readonly ok: boolean }>[] = [];
		for (const { replica, ledger } of this.#tills) {
			const pool = ledger.pool('stock');
			for (let i = 0; i < each; i++) {
				this.#pick = (Math.imul(this.#pick, 1_664_525) + 1_013_904_223) >>> 0;
				const key = this.#skus[(this.#pick >>> 8) % this.#skus.length] as string; // less than its length
				waiting.push(replica.commit((tx) => tx.spend(pool, key, 1)));
			}
		}
		for (const outcome of await Promise.all(waiting)) if (!outcome.ok) throw new Error('a spend was refused');
		this.#spent += waiting.length;
		await this.#settled();
	}

	/** Every till's last commits have reached everybody: one counter a till that all of them show alike. */
	async #settled(): Promise<void> {
		this.#round++;
		for (const { replica, ledger, name } of this.#tills)
			await replica.commit((tx) => tx.add(ledger.counter(`rounds-${name}`), 1));
		const values = this.#members.flatMap(({ ledger }) =>
			this.#tills.map(({ name }) => ledger.counter(`rounds-${name}`).value),
		);
		await this.#until(() => values.every((value) => value.get() === this.#round));
	}

	get #members(): readonly Member[] {
		return [this.#home, this.#archive, ...this.#tills];
	}

	async #tend(): Promise<void> {
		await this.#home.replica.tend();
		for (const { replica } of this.#tills) await replica.tend();
	}

	async #replaceArchive(): Promise<void> {
		this.#archived = this.#spent;
		this.#archive.unlink();
		await this.#archive.replica.shutdown();
		this.#archive = await this.#open('archive', { archive: true });
	}

	/** The state at rest: all equal, compacted, the measured till shut down and its file copied. */
	async #snapshot(): Promise<Omit<Grown, 'spendsPerSecond'>> {
		await this.#settled();
		for (let i = 0; i < 4; i++) {
			await this.#tend();
			await this.#home.replica.tend({ compact: true });
			await new Promise((resolve) => setTimeout(resolve, 300));
		}
		const digests = this.#members.map(({ replica }) => replica.digest(ledgerName));
		const till = this.#tills[0] as Member; // four of them
		till.unlink();
		await till.replica.shutdown();
		const file = `${this.#file}.${this.#spent}`;
		copyFileSync(this.#file, file);
		if (existsSync(`${this.#file}-wal`)) throw new Error('the log was not folded in on closing');
		this.#tills[0] = await this.#open(till.name, {});
		return { spends: this.#spent, file, equal: new Set(digests).size === 1 };
	}

	status(): string {
		return JSON.stringify(this.#members.map(({ replica }) => replica.status().ledgers));
	}

	async stop(): Promise<void> {
		for (const { replica } of this.#members) await replica.shutdown();
	}
}
