import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { pause, until } from '../contract/check.js';
import { bundle, Child } from '../crash/child.js';
import { folderOf, lineTo, relayOf, tillOf } from './real-lines.js';
import { resumeLedger, type Seen, seenBy, sellMany } from './resume-till.js';

let tillScript: string;
beforeAll(() => {
	tillScript = bundle(new URL('./resume-till.ts', import.meta.url));
});
afterAll(() => rmSync(tillScript));

/** A till that is killed where the test ends before. */
function start(...args: readonly string[]): Child {
	const child = new Child(tillScript, args);
	onTestFinished(() => child.kill());
	return child;
}

/** All that it has said it sees, the newest last. */
const saidBy = (child: Child): Seen[] =>
	child.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

const lastSaid = (child: Child): Seen | undefined => saidBy(child).at(-1);

test('S40 P7 a till comes back after days away with sales of its own; killed in the middle of catching up, again and again: nothing is lost or counted twice', async () => {
	const own = { orders: 2_000, priceMinor: 300 };
	const others = { orders: 12_000, priceMinor: 350 };
	const relay = await relayOf({ data: folderOf(), store: 'sh-014', homes: [] });
	const file = join(folderOf(), 'till.db');
	const offline = start(file, '', String(own.orders), String(own.priceMinor));
	await offline.line('linked');
	await offline.kill();
	const seller = await tillOf('till-1', [relay.url]);
	await sellMany(seller, others.orders, others.priceMinor);
	await seller.sync.flush({ tier: 'store', timeoutMs: 30_000 });

	const all = own.orders + others.orders;
	const line = await lineTo(relay.url, { bytesPerSecond: 256 * 1024 });
	const seen = [own.orders];
	for (let kill = 0; kill < 3; kill++) {
		const till = start(file, line.url);
		const before = seen.at(-1) ?? 0;
		await until(() => (lastSaid(till)?.orders ?? 0) > before, 'it is catching up', 20_000);
		// What it had before the kill is there at once.
		expect(saidBy(till)[0]?.orders).toBeGreaterThanOrEqual(before);
		await pause(kill * 40);
		await till.kill();
		expect(till.errors).toBe('');
		seen.push(lastSaid(till)?.orders ?? 0);
	}
	expect(seen.at(-1)).toBeLessThan(all);

	const till = start(file, relay.url);
	await until(() => lastSaid(till)?.orders === all, 'all of it is there', 30_000);
	await until(() => lastSaid(till)?.waiting === 0, 'its own is at the store', 10_000);
	await until(() => seller.digest(resumeLedger) === lastSaid(till)?.digest, 'equal digests', 10_000);
	const totalMinor = own.orders * own.priceMinor + others.orders * others.priceMinor;
	expect(seenBy(seller)).toMatchObject({ orders: all, totalMinor });
	expect(lastSaid(till)).toMatchObject({ orders: all, totalMinor });
	expect(relay.status().counters.rejected).toEqual({});
});
