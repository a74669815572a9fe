import type { Replica } from 'tillmesh';
import { webSocket } from 'tillmesh/websocket';
import { expect, test } from 'vitest';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import type { Link } from '../../src/ports/link.js';
import { secured } from '../../src/sync/channel.js';
import { decodeFrame } from '../../src/sync/frames.js';
import { until } from '../contract/check.js';
import { folderOf, lineTo, relayOf, tillOf } from './real-lines.js';
import { resumeLedger, seenBy, sellMany } from './resume-till.js';

/** A chunk of 64 KiB as it travels: with what Yjs writes around each entry. */
const chunkFrameBytes = 96 * 1024;

/** Counts the bytes of updates by ledger as they come in. */
function counting(link: Link, came: Map<string, number>): Link {
	return {
		kind: link.kind,
		private: true,
		start: (events) =>
			secured(link, nodePlatform()).start({
				up: (end) => events.up(end),
				frame(bytes) {
					const frame = decodeFrame(bytes);
					if (frame?.kind === 'update') came.set(frame.ledger, (came.get(frame.ledger) ?? 0) + bytes.length);
					events.frame(bytes);
				},
				down: () => events.down(),
			}),
		stop: () => link.stop(),
	};
}

const price = (replica: Replica) => replica.ledger('catalog/prices').cell<number | null>('LATTE');

async function setPrice(replica: Replica, minor: number | null): Promise<void> {
	const done = await replica.commit((tx) => tx.set(price(replica), minor));
	if (!done.ok) throw new Error(done.message);
}

test('S36 SYN3 a till that was away has a backlog of 50,000 entries coming over a slow line; headquarters withdraws a price, and that is there first', async () => {
	const hq = await relayOf({ data: folderOf(), role: 'hq', homes: [] });
	const store = await relayOf({ data: folderOf(), store: 'sh-014', homes: [], upstream: hq.url });
	const office = await tillOf('office', [hq.url]);
	const seller = await tillOf('till-1', [store.url]);
	const away = await tillOf('till-2', []);
	const unplug = away.addLink(webSocket(store.url));
	await setPrice(office, 350);
	await until(() => price(away).value.get() === 350, 'the price is there', 10_000);
	unplug();
	await sellMany(seller, 50_000, 350);
	await seller.sync.flush({ tier: 'store', timeoutMs: 60_000 });

	const bytesPerSecond = 192 * 1024;
	const line = await lineTo(store.url, { bytesPerSecond });
	const came = new Map<string, number>();
	const backlog = () => came.get(resumeLedger) ?? 0;
	const unplugSlow = away.addLink(counting(webSocket(line.url), came));
	for (const minor of [null, 400, null]) {
		const already = backlog();
		await until(() => backlog() > already + chunkFrameBytes / 2, 'the backlog comes in', 20_000);
		await setPrice(office, minor);
		const underWay = store.status().peers.find(({ name }) => name === 'till-2')?.unackedBytes ?? 0;
		const before = backlog();
		await until(() => price(away).value.get() === minor, 'the withdrawal is there', 20_000);
		const ahead = backlog() - before;
		// What was under way, and the chunk that may have left until headquarters' word was at the store.
		expect(ahead).toBeLessThanOrEqual(underWay + chunkFrameBytes);
		expect(ahead).toBeLessThanOrEqual(2 * chunkFrameBytes);
	}
	expect(seenBy(away).orders).toBeLessThan(50_000);

	// The rest comes over a quick line.
	unplugSlow();
	away.addLink(webSocket(store.url));
	await until(() => away.digest(resumeLedger) === seller.digest(resumeLedger), 'all of it is there', 60_000);
	expect(seenBy(away)).toMatchObject({ orders: 50_000, totalMinor: 50_000 * 350 });
});
