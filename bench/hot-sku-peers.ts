/** Tills that ask a database for each sale. */
import { connect, type Socket } from 'node:net';
import pg from 'pg';
import { nowMs, type Trade } from './trade.js';

export interface Counter {
	/** One unit off, if there is one. */
	sell(): Promise<boolean>;
	close(): Promise<void>;
}

/** Sells to one customer after the other until one is sent away: where a database says no, all is sold. */
export async function sellOut(counter: Counter): Promise<Trade> {
	const [begun, sales]: [number[], number[]] = [[], []];
	for (;;) {
		const beganMs = nowMs();
		if (!(await counter.sell())) return { begun, sales, refusals: [nowMs()] };
		begun.push(beganMs);
		sales.push(nowMs());
	}
}

async function postgresClient(port: number): Promise<pg.Client> {
	const client = new pg.Client({ host: '127.0.0.1', port, user: 'bench', database: 'postgres' });
	await client.connect();
	return client;
}

export async function stockPostgres(port: number, stock: number): Promise<void> {
	const client = await postgresClient(port);
	await client.query('DROP TABLE IF EXISTS stock');
	await client.query('CREATE TABLE stock (id text PRIMARY KEY, qty bigint NOT NULL)');
	await client.query("INSERT INTO stock VALUES ('HOT', $1)", [stock]);
	await client.end();
}

export async function leftInPostgres(port: number): Promise<number> {
	const client = await postgresClient(port);
	const { rows } = await client.query('SELECT qty FROM stock');
	await client.end();
	return Number(rows[0].qty);
}

const update = { name: 'sell', text: "UPDATE stock SET qty = qty - $1 WHERE id = 'HOT' AND qty >= $1", values: [1] };

/** One statement, its own transaction: the row is locked for as long as the server takes, not for the round trip. */
export async function postgresStatement(port: number): Promise<Counter> {
	const client = await postgresClient(port);
	return { sell: async () => (await client.query(update)).rowCount === 1, close: () => client.end() };
}

/** As a sale with a receipt is written: the row stays locked until the till says COMMIT. */
export async function postgresTransaction(port: number): Promise<Counter> {
	const client = await postgresClient(port);
	return {
		async sell() {
			await client.query('BEGIN');
			const { rowCount } = await client.query(update);
			await client.query('COMMIT');
			return rowCount === 1;
		},
		close: () => client.end(),
	};
}

const script =
	"local n = tonumber(ARGV[1]) if tonumber(redis.call('GET', KEYS[1])) < n then return 0 end redis.call('DECRBY', KEYS[1], n) return 1";

/** As much of a client as it takes: one command at a time, answers of one line. */
class Redis {
	readonly #socket: Socket;
	#answer: (line: string) => void = () => {};
	#line = '';

	constructor(port: number) {
		this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
		this.#socket.on('data', (chunk: Buffer) => {
			this.#line += chunk.toString('latin1');
			if (!this.#line.endsWith('\r\n')) return;
			const line = this.#line;
			this.#line = '';
			this.#answer(line);
		});
	}

	async run(...words: readonly string[]): Promise<string> {
		const answer = new Promise<string>((resolve) => {
			this.#answer = resolve;
		});
		this.#socket.write(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);
		const line = await answer;
		if (line.startsWith('-')) throw new Error(`Redis said ${line}`);
		// A string answers with its length on a line of its own.
		return line.startsWith('$') ? (line.split('\r\n')[1] ?? '') : line.slice(1, -2);
	}

	close(): void {
		this.#socket.destroy();
	}
}

export async function stockRedis(port: number, stock: number): Promise<void> {
	const redis = new Redis(port);
	await redis.run('SET', 'HOT', String(stock));
	redis.close();
}

export async function leftInRedis(port: number): Promise<number> {
	const redis = new Redis(port);
	const left = Number(await redis.run('GET', 'HOT'));
	redis.close();
	return left;
}

/** A script that looks and takes, as WATCH and MULTI would in two round trips. */
export async function redisScript(port: number): Promise<Counter> {
	const redis = new Redis(port);
	const hash = await redis.run('SCRIPT', 'LOAD', script);
	return {
		sell: async () => (await redis.run('EVALSHA', hash, '1', 'HOT', '1')) === '1',
		close: async () => redis.close(),
	};
}
