import { expect, test } from 'vitest';
import { memoryLink } from '../../../adapters/link-memory/index.js';
import { nodeCrypto } from '../../../adapters/platform-node/crypto.js';
import { memory } from '../../../adapters/storage-memory/index.js';
import type { Line, Ticket } from '../../../examples/chain-day/input.js';
import { exportLog } from '../../../src/inspect/audit-export.js';
import { verifyLog } from '../../../src/inspect/audit-verify.js';
import { tillArchive } from '../../../src/inspect/till-archive.js';
import { openTill, type Till } from '../../../src/till.js';
import { monthOfTickets } from '../chain-input.js';

const { tickets, days, outlets, expected } = monthOfTickets();
const secret = 'of sixteen bytes and more';

const open = (store: string, name: string, more = {}) =>
	openTill({
		chain: 'coffee',
		store,
		name,
		storage: memory(),
		zone: 'America/New_York',
		currency: { code: 'USD', decimals: 2 },
		members: { secret },
		links: [],
		...more,
	});

/** A line as it was paid: what does not divide by the quantity is taken off the whole line. */
function lineOf({ product, quantity, amountMinor }: Line) {
	const unitPrice = Math.ceil(amountMinor / quantity);
	const discount = unitPrice * quantity - amountMinor;
	return { sku: product, qty: quantity, unitPrice, ...(discount > 0 && { discount }) };
}

async function sell(till: Till, ticket: Ticket): Promise<void> {
	const { id, day, lines, totalMinor } = ticket;
	const sale = await till.checkout(
		{ lines: lines.map(lineOf), tenders: [{ kind: 'cash', amount: totalMinor }], businessDate: day },
		{ idempotencyKey: id },
	);
	if (!sale.ok) throw new Error(`${id}: ${sale.message}`);
}

/** The same order of all things for everybody who runs this. */
function shuffled<T>(list: readonly T[]): T[] {
	const mixed = list.map((item, i) => ({ item, rank: (Math.imul(i + 1, 0x9e3779b1) >>> 0) / 2 ** 32 }));
	return mixed.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

test(`S4 S14 ${tickets.length.toLocaleString('en')} tickets of ${outlets.length} outlets, shuffled and sent twice here and there, closed each night, are right to the cent at headquarters`, async () => {
	const storage = memory();
	const hq = await open('hq', 'hq', { storage, keeps: { stores: 'all' }, home: ['*/*'] });
	await hq.catalog.define(
		[...new Set(tickets.flatMap(({ lines }) => lines.map(({ product }) => product)))].map((sku) => ({
			sku,
			name: `product ${sku}`,
			policy: 'none' as const,
		})),
	);
	const tills = new Map<string, Till>();
	for (const outlet of outlets) {
		const till = await open(outlet, `till of ${outlet}`);
		tills.set(outlet, till);
		const line = memoryLink();
		hq.replica.addLink(line.a);
		till.replica.addLink(line.b);
	}
	const last = hq.catalog.skus().at(-1) ?? '';
	for (const till of tills.values())
		await till.replica.ledger('catalog/chain').cells('sku').at(last).value.when(Boolean, { timeoutMs: 20_000 });

	const nets: Record<string, number> = {};
	for (const day of days) {
		const ofDay = shuffled(tickets.filter((ticket) => ticket.day === day));
		const all = ofDay.flatMap((ticket, i) => (i % 50 === 0 ? [ticket, ticket] : [ticket]));
		await Promise.all(
			outlets.map(async (outlet) => {
				const till = tills.get(outlet) as Till; // one was opened for each
				for (const ticket of all) if (ticket.outlet === outlet) await sell(till, ticket);
				const z = await till.day.z(
					{ businessDate: day, counted: 0, scope: 'store' },
					{ idempotencyKey: `z ${outlet} ${day}` },
				);
				if (!z.ok) throw new Error(z.message);
				nets[`${outlet}|${day}`] = z.value.net;
			}),
		);
	}
	expect(nets).toEqual(expected.totalByOutletDay);

	const from = days[0] ?? '';
	const to = days.at(-1) ?? '';
	const total = hq.totals.live({ stores: 'all', from, to });
	await total.when(([row]) => row?.sales === expected.tickets, { timeoutMs: 60_000 });
	expect(total.get()[0]).toMatchObject({ sales: expected.tickets, net: expected.totalMinor });
	const byStore = hq.totals.now({ stores: 'all', from, to, by: ['store'] });
	expect(Object.fromEntries(byStore.map(({ by, net }) => [by.store, net]))).toEqual(expected.totalByOutlet);
	expect(Object.fromEntries(byStore.map(({ by, sales }) => [by.store, sales]))).toEqual(expected.ticketsByOutlet);
	for (const till of [hq, ...tills.values()]) await till.shutdown();

	// The month as an audit log, written and checked line by line: never more of it in memory than an epoch.
	const archive = await tillArchive(await storage.open('audit'), nodeCrypto);
	const started = performance.now();
	let bytes = 0;
	async function* pieces() {
		for await (const line of exportLog(archive, { nowMs: Date.now(), sha256: nodeCrypto.sha256 })) {
			const piece = Buffer.from(`${line}\n`);
			bytes += piece.length;
			yield piece;
		}
	}
	const log = await verifyLog(pieces(), { crypto: nodeCrypto });
	expect(log).toMatchObject({ wrong: undefined, chain: 'coffee', unsealed: 0 });
	expect(log.rows).toBeGreaterThan(expected.tickets);
	const seconds = ((performance.now() - started) / 1_000).toFixed(1);
	const of = `${log.rows.toLocaleString('en')} rows under ${log.seals.toLocaleString('en')} seals`;
	console.log(`audit log of the month: ${of}, ${(bytes / 1e6).toFixed(0)} MB, written and checked in ${seconds} s`);
}, 300_000);
