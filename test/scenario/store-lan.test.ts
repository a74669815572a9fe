import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openStoreTill } from '../../examples/store-lan/store.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const patienceMs = 60_000;

/** A program of the example, as somebody has it in a window: lines in, lines out. */
class Program {
	readonly child: ChildProcess;
	readonly ended: Promise<number | null>;
	readonly said: string[] = [];
	/** Lines up to here were looked at. */
	#read = 0;
	#wake = () => {};

	constructor(file: string, ...argv: string[]) {
		const args = ['--import', 'tsx', `examples/store-lan/${file}`, '--lang', 'en', ...argv];
		this.child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
		this.ended = new Promise((resolve) => {
			this.child.once('exit', resolve);
		});
		onTestFinished(async () => {
			this.child.kill('SIGKILL');
			await this.ended;
		});
		if (this.child.stdout)
			createInterface({ input: this.child.stdout }).on('line', (line) => {
				this.said.push(line);
				this.#wake();
			});
	}

	type(line: string): void {
		this.child.stdin?.write(`${line}\n`);
	}

	/** The next line that fits; what comes before it is passed over. */
	async line(fits: RegExp): Promise<string> {
		for (const untilMs = Date.now() + patienceMs; Date.now() < untilMs; ) {
			while (this.#read < this.said.length) {
				const line = this.said[this.#read++] ?? '';
				if (fits.test(line)) return line;
			}
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
				setTimeout(resolve, 100);
			});
		}
		throw new Error(`No line like ${fits} in:\n${this.said.join('\n')}`);
	}

	async do(command: string, answer: RegExp): Promise<string> {
		this.type(command);
		return this.line(answer);
	}

	async kill(): Promise<void> {
		this.child.kill('SIGKILL');
		await this.ended;
	}
}

function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'store-lan-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

async function startRelay(folder: string, listen = '127.0.0.1:0'): Promise<{ relay: Program; url: string }> {
	const relay = new Program('relay.ts', '--data', join(folder, 'relay'), '--listen', listen);
	const line = await relay.line(/--relay ws:/);
	return { relay, url: /ws:\S+/.exec(line)?.[0] ?? '' };
}

const startTill = (folder: string, name: string, url: string, ...argv: string[]) =>
	new Program('till.ts', '--data', join(folder, name), '--name', name, '--relay', url, ...argv);

/** What a till that is closed has on its disk. */
async function readDisk(folder: string, name: string) {
	await using till = await openStoreTill(name, join(folder, name));
	const { replica, stock, day } = till;
	const digests = replica.ledgers().map((ledger) => [ledger, replica.digest(ledger)]);
	const { sales, net } = day.x();
	return { digests, findings: replica.check(), left: stock.level({ sku: 'CUP-L' }).get().store, sales, net };
}

test('S19 two tills, the last unit, the relay killed: one yes, one no that says who has it and since when it is gone; then all is equal', async () => {
	const folder = temporaryFolder();
	const { relay, url } = await startRelay(folder);
	const [one, two] = [startTill(folder, 'till-1', url), startTill(folder, 'till-2', url)];
	await Promise.all([one, two].map((till) => till.line(/^Linked: relay/)));
	await one.do('receive 2 CUP-L', /^Received 2 CUP-L\.$/);
	await two.line(/^till-1 received 2 CUP-L\.$/);
	await one.do('sell 1', /^Sold 1 CUP-L: 18\.00, receipt /);
	await two.line(/^till-1 sold 1 CUP-L\.$/);

	await relay.kill();
	await Promise.all([one, two].map((till) => till.line(/^Not linked to anybody/)));
	await two.do('sell 1', /^NOT SOLD: 1 CUP-L, and this till can sell 0\.$/);
	expect(await two.line(/has/)).toMatch(/^ {2}till-1 has 1, not reachable, last seen \d\d:\d\d$/);
	await one.do('sell 1', /^Sold 1 CUP-L: 18\.00, receipt /);
	await one.line(/^1 sale not yet at the store, oldest \d\d:\d\d\.$/);
	await one.line(/^NOT safe to switch off/);

	await startRelay(folder, new URL(url).host);
	await two.line(/^till-1 sold 1 CUP-L\.$/);
	await two.line(/^CUP-L: this till can sell 0, the store has 0\.$/);
	await one.line(/^Every sale is at the store\.$/);
	await one.line(/^Safe to switch off\.$/);
	await two.do('sell 1', /^NOT SOLD/);
	await two.line(/nobody has any/);
	for (const till of [one, two]) {
		// Rights to refund what was sold without a line may still be on their way home.
		await till.do('quit', /^Closed\./);
		expect(await till.ended).toBe(0);
	}
	const disks = [await readDisk(folder, 'till-1'), await readDisk(folder, 'till-2')];
	expect(disks[0]).toMatchObject({ left: 0, sales: 2, net: 3600, findings: [] });
	expect(disks[1]).toEqual(disks[0]);
});

test('S1 the cable is pulled: both sell on what they have, see it said, and have one figure when it is plugged in', async () => {
	const folder = temporaryFolder();
	const { url } = await startRelay(folder);
	const [one, two] = [startTill(folder, 'till-1', url), startTill(folder, 'till-2', url)];
	await Promise.all([one, two].map((till) => till.line(/^Linked: relay/)));
	await one.do('receive 40 CUP-L PO-77', /^Received 40/);
	await two.line(/^CUP-L: this till can sell 0, the store has 40\.$/);
	await two.do('s 2', /^Sold 2 CUP-L: 36\.00, receipt /); // fetched from the other till
	await one.line(/^till-2 sold 2 CUP-L\.$/);
	const before = /can sell (\d+), the store has 38/.exec(await two.line(/the store has 38/));
	await one.do('cut', /^The cable is out\.$/);
	await one.do('sell 3', /^Sold 3/);
	await one.do('s 1 CUP-L', /^Sold 1/);
	await one.line(/^2 sales not yet at the store, oldest/);
	if (Number(before?.[1]) > 0) await two.do('sell 1', /^Sold 1/);
	await one.do('plug', /^The cable is in\.$/);
	await two.line(/^till-1 sold 1 CUP-L\.$/);
	const left = 38 - 4 - (Number(before?.[1]) > 0 ? 1 : 0);
	await two.do('show', new RegExp(`the store has ${left}\\.$`));
	await one.line(/^Safe to switch off\.$/);
	await one.do('show', new RegExp(`the store has ${left}\\.$`));
	await two.do('day', /so far:$/);
	await two.line(new RegExp(`^  sales +${left === 34 ? 3 : 4}$`));
	await one.do('z', /^Z 1 of .*closed:$/);
	await one.line(new RegExp(`^  net +${(40 - left) * 18}\\.00$`));
	await one.do('sell 1', /closed/);
	await one.do('z', /^Z 1 of .*closed:$/);
	await one.do('receive 40 CUP-L PO-77', /^PO-77 was received before: nothing changed\.$/);
	await one.do('sell', /^How many\?/);
	await one.do('what', /^"what"\?/);
	await one.line(/^ {2}receive 40/);
});

test('a till without a name, or one that is open in another window, is refused in a sentence; one that is alone says what it keeps', async () => {
	const folder = temporaryFolder();
	const nameless = new Program('till.ts');
	expect(await nameless.ended).toBe(1);
	const first = startTill(folder, 'till-1', 'ws://127.0.0.1:9', '--lang', 'zh');
	await first.line(/^可以关机。$/);
	const second = startTill(folder, 'till-1', 'ws://127.0.0.1:9');
	expect(await second.ended).toBe(1);
	await first.do('收 3', /^已收货 3 件 CUP-L。$/);
	await first.do('退', /^4 条记录只在本机/);
	await first.line(/^已关闭。3 件留在本机/);
	expect(await first.ended).toBe(0);
});
