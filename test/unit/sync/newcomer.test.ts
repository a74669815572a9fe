import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { memory, memoryLink } from '../../../adapters/storage-memory/index.js';
import { openReplica, type Replica } from '../../../src/index.js';
import type { Link } from '../../../src/ports/index.js';
import { decodeFrame } from '../../../src/sync/frames.js';

const ledger = 'stock/sh-014';

const open = (name: string, options: { home?: string[]; archive?: boolean; segmentRows?: number } = {}) =>
	openReplica({ chain: 'c', name, storage: memory({ platform: nodePlatform() }), keeps: ['stock/*'], ...options });

function link(a: Replica, b: Replica): void {
	const line = memoryLink();
	a.addLink(line.a);
	b.addLink(line.b);
}

/** A link that loses rows, and nothing else, while `loses` says so. */
function losingRows(link: Link, loses: () => boolean): Link {
	return {
		kind: link.kind,
		private: true,
		start: (events) =>
			link.start({
				up: (end) => events.up(end),
				down: () => events.down(),
				frame: (bytes) => {
					if (!loses() || decodeFrame(bytes)?.kind !== 'update') events.frame(bytes);
				},
			}),
		stop: () => link.stop(),
	};
}

/** A link that notes the kinds of the frames that come and go. */
function noted(link: Link, kinds: string[]): Link {
	return {
		kind: link.kind,
		private: true,
		start: (events) =>
			link.start({
				up: (end) =>
					events.up({
						send: (bytes) => {
							kinds.push(`> ${decodeFrame(bytes)?.kind}`);
							return end.send(bytes);
						},
						close: () => end.close(),
					}),
				down: () => events.down(),
				frame: (bytes) => {
					kinds.push(`< ${decodeFrame(bytes)?.kind}`);
					events.frame(bytes);
				},
			}),
		stop: () => link.stop(),
	};
}

const eventually = (test: () => boolean) => expect.poll(test, { timeout: 5_000, interval: 10 }).toBe(true);

describe('a newcomer', () => {
	it('JRN11 gets the rows after a checkpoint that covers the first part of an epoch which is still being written', async () => {
		const [home, archive, till] = [
			await open('home', { home: [ledger], archive: false }),
			await open('archive', { archive: true }),
			await open('till'),
		];
		for (const replica of [archive, till]) link(home, replica);
		const pool = home.ledger(ledger).pool('stock');
		await home.commit((tx) => {
			tx.mint(pool, 'CUP', 100, 'delivery-1');
			tx.grant(pool, 'CUP', 100, till.device);
		});
		const mine = till.ledger(ledger).pool('stock');
		await eventually(() => mine.mine('CUP') === 100);
		const spent = (replica: Replica) => replica.ledger(ledger).pool('stock').total('CUP').get().spent;
		const sell = async (count: number) => {
			for (let i = 0; i < count; i++) await till.commit((tx) => tx.spend(mine, 'CUP', 1));
			await eventually(() => [home, archive].every((replica) => spent(replica) === spent(till)));
		};
		await sell(10);
		await home.tend({ compact: true });
		await eventually(() => till.status().ledgers[0]?.checkpoint === true);
		await sell(5);
		const newcomer = await open('newcomer');
		// The line breaks between the checkpoint and the rows after it.
		const line = memoryLink();
		let loses = true;
		home.addLink(line.a);
		newcomer.addLink(losingRows(line.b, () => loses));
		await eventually(() => newcomer.status().ledgers[0]?.checkpoint === true);
		line.cut();
		loses = false;
		line.heal();
		await eventually(() => spent(newcomer) === 15);
		expect(newcomer.digest(ledger)).toBe(home.digest(ledger));
		for (const replica of [home, archive, till, newcomer]) await replica.shutdown();
	});

	it('JRN11 gets an epoch that goes on past its checkpoint from the first row, though that takes several chunks', async () => {
		const [home, archive, till] = [
			await open('home', { home: [ledger], archive: false }),
			await open('archive', { archive: true }),
			await open('till'),
		];
		for (const replica of [archive, till]) link(home, replica);
		const log = (replica: Replica) => replica.ledger(ledger).log<string>('notes');
		const lines = (replica: Replica) => log(replica).all().get().length;
		const write = async (count: number) => {
			for (let i = 0; i < count; i++) await till.commit((tx) => tx.append(log(till), 'x'.repeat(400)));
			await eventually(() => [home, archive].every((replica) => lines(replica) === lines(till)));
		};
		await write(300);
		await home.tend({ compact: true });
		await eventually(() => till.status().ledgers[0]?.checkpoint === true);
		const newcomer = await open('newcomer');
		link(home, newcomer);
		await eventually(() => lines(newcomer) === 300);
		await write(20);
		await eventually(() => lines(newcomer) === 320);
		expect(newcomer.digest(ledger)).toBe(home.digest(ledger));
		for (const replica of [home, archive, till, newcomer]) await replica.shutdown();
	});

	it('JRN11 gets the checkpoint though it is an archive, and the rows that go on after dropped ones fill the line', async () => {
		const [home, archive, till] = [
			await open('home', { home: [ledger], archive: false, segmentRows: 5 }),
			await open('archive', { archive: true }),
			await open('till'),
		];
		const line = memoryLink();
		home.addLink(line.a);
		archive.addLink(line.b);
		link(home, till);
		const log = (replica: Replica) => replica.ledger(ledger).log<string>('notes');
		const lines = (replica: Replica) => log(replica).all().get().length;
		const write = async (count: number, seenBy: readonly Replica[]) => {
			for (let i = 0; i < count; i++) await till.commit((tx) => tx.append(log(till), 'x'.repeat(400)));
			await eventually(() => seenBy.every((replica) => lines(replica) === lines(till)));
		};
		const rows = () => home.status().ledgers[0]?.rows ?? 0;
		for (let i = 0; i < 20 && rows() >= lines(till); i++) {
			await write(5, [home, archive]);
			await home.tend({ compact: true });
		}
		expect(rows()).toBeLessThan(lines(till)); // the first ones are dropped
		line.cut(); // from now on nothing is covered
		await write(100, [home]);
		const newcomer = await open('newcomer', { archive: true });
		link(home, newcomer);
		await eventually(() => lines(newcomer) === lines(till));
		expect(newcomer.digest(ledger)).toBe(home.digest(ledger));
		for (const replica of [home, archive, till, newcomer]) await replica.shutdown();
	});

	it.each([
		['none', false],
		['the first', true],
	])('JRN11 who has %s of the rows under a checkpoint gets the rest only once their epoch goes on, and then without having to ask', async (_, hasFirst) => {
		const [home, archive, till] = [
			await open('home', { home: [ledger], archive: false }),
			await open('archive', { archive: true }),
			await open('till'),
		];
		for (const replica of [archive, till]) link(home, replica);
		const pool = till.ledger(ledger).pool('stock');
		const minted = (replica: Replica) => replica.ledger(ledger).pool('stock').total('CUP').get().minted;
		const receive = async (document: string, of: readonly Replica[]) => {
			await till.commit((tx) => tx.mint(pool, 'CUP', 1, document));
			await eventually(() => of.every((replica) => minted(replica) === minted(till)));
		};
		await receive('delivery-1', [home, archive]);
		const newcomer = await open('newcomer');
		const line = memoryLink();
		const kinds: string[] = [];
		let loses = false;
		const meet = () => {
			home.addLink(line.a);
			newcomer.addLink(
				noted(
					losingRows(line.b, () => loses),
					kinds,
				),
			);
		};
		if (hasFirst) {
			meet();
			await eventually(() => minted(newcomer) === 1);
			loses = true;
			await receive('delivery-2', [home, archive]);
		}
		const compacted = async () => {
			await home.tend({ compact: true });
			return home.status().ledgers[0]?.checkpoint;
		};
		await expect.poll(compacted, { timeout: 5_000 }).toBe(true); // once the archive has said that it has the row
		if (!hasFirst) meet();
		await eventually(() => newcomer.status().ledgers[0]?.checkpoint === true && kinds.includes('> took'));
		if (!hasFirst) expect(kinds).not.toContain('< update');
		loses = false;
		kinds.length = 0;
		await receive('delivery-3', [home, archive, newcomer]);
		expect(kinds.filter((kind) => kind === '< update')).toHaveLength(1);
		expect(kinds).not.toContain('> heads');
		expect(newcomer.digest(ledger)).toBe(home.digest(ledger));
		for (const replica of [home, archive, till, newcomer]) await replica.shutdown();
	});
});
