import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type CheckName, judge } from '../../examples/chain-day/checks.js';
import type { ChainInput } from '../../examples/chain-day/input.js';
import { readInput } from '../../examples/chain-day/input-csv.js';
import { generateInput } from '../../examples/chain-day/input-generated.js';
import type { Observed } from '../../examples/chain-day/observed.js';
import { conclude, renderReport } from '../../examples/chain-day/report.js';
import { playChain, type Result } from '../../examples/chain-day/run.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tiny = generateInput({ seed: 7, days: 1, tickets: 25 });

function demo(...argv: string[]) {
	const run = spawnSync(process.execPath, ['--import', 'tsx', 'examples/chain-day/main.ts', ...argv], {
		cwd: root,
		encoding: 'utf8',
	});
	return { ...run, last: run.stdout.trimEnd().split('\n').at(-1) ?? '' };
}

/** A folder in the shape of the real data, with a month's figures of the caller's. */
function writeFolder(input: ChainInput, expected: object): string {
	const folder = mkdtempSync(join(tmpdir(), 'chain-input-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	const lines = input.tickets.flatMap(({ id, outlet, day, minute, member = '0', lines }) =>
		lines.map(({ product, quantity, amountMinor }) => {
			const time = `${Math.floor(minute / 60)}:${minute % 60}:00`;
			const amount = (amountMinor / 100).toFixed(2);
			return [outlet, day, id.split('|')[2], time, member, product, quantity, `"${amount}"`].join(',');
		}),
	);
	const header =
		'sales_outlet_id,transaction_date,transaction_id,transaction_time,customer_id,product_id,quantity,line_item_amount';
	writeFileSync(join(folder, 'sales_receipts.csv'), [header, ...lines, ''].join('\r\n'));
	const stock = input.deliveries.map(({ outlet, day, product, quantity, waste }) => {
		const [year, month, date] = day.split('-');
		return [outlet, `${Number(month)}/${Number(date)}/${year}`, product, quantity, waste].join(',');
	});
	const stockHeader = 'sales_outlet_id,transaction_date,product_id,start_of_day,waste';
	writeFileSync(join(folder, 'pastry_inventory.csv'), [stockHeader, ...stock].join('\n'));
	writeFileSync(join(folder, 'expected.json'), JSON.stringify(expected));
	return folder;
}

function expectedOf({ tickets }: ChainInput) {
	const [totals, outlets, counts]: Record<string, number>[] = [{}, {}, {}];
	const add = (to: Record<string, number> | undefined, key: string, amount: number) => {
		if (to) to[key] = (to[key] ?? 0) + amount;
	};
	for (const { outlet, day, totalMinor } of tickets) {
		add(totals, `${outlet}|${day}`, totalMinor);
		add(outlets, outlet, totalMinor);
		add(counts, outlet, 1);
	}
	const total = tickets.reduce((sum, { totalMinor }) => sum + totalMinor, 0);
	return {
		total_by_outlet_day: totals,
		total_by_outlet: outlets,
		tickets_by_outlet: counts,
		tickets: tickets.length,
		total,
	};
}

describe('the main job', () => {
	test('S4 S14 S19 S28 a tiny day with every accident ends well, and says so in one line', () => {
		const folder = writeFolder(tiny, expectedOf(tiny));
		const { status, last, stderr } = demo('--data', folder, '--json', '--seed', '3');
		expect({ status, stderr: stderr.includes('Error') }).toEqual({ status: 0, stderr: false });
		const totalMinor = tiny.tickets.reduce((sum, ticket) => sum + ticket.totalMinor, 0);
		expect(JSON.parse(last)).toMatchObject({
			ok: true,
			tickets: 75,
			totalMinor,
			replicasEqual: true,
			oversold: 0,
			overspent: 0,
			conserved: true,
			incidents: { outages: 15, powerCuts: 1, restores: 1, relayKills: 1 },
		});
		expect(Object.keys(JSON.parse(last).bytesPerTill)).toHaveLength(12);
		expect(JSON.parse(last).seconds).toBeGreaterThan(0);
		expect(JSON.parse(last).deliveredP99Ms).toBeGreaterThan(0);
		expect(JSON.parse(last).deliveredToHeadquartersP99Ms).toBeGreaterThan(0);
	});

	test('bad arguments and bad input get one sentence and exit code 1', () => {
		const folder = writeFolder(tiny, expectedOf(tiny));
		const noFigures = writeFolder(tiny, {});
		cpSync(join(folder, 'expected.json'), join(folder, 'sales_receipts.csv'));
		for (const argv of [
			['--days', '0'],
			['--seed', 'x'],
			['--what'],
			['day'],
			['--data', root],
			['--data', folder],
			['--data', noFigures],
		]) {
			const { status, stdout, stderr } = demo(...argv);
			expect({ argv, status, stdout }).toEqual({ argv, status: 1, stdout: '' });
			expect(stderr.trim().split('\n')).toHaveLength(1);
			expect(stderr.trim()).toMatch(/\.$/);
		}
	});
});

describe('the checks of the main job', () => {
	let sound: Promise<Result> | undefined;
	/** One sound day for all of them. */
	const play = () => {
		sound ??= playChain(tiny, 1, () => {});
		return sound;
	};
	const failing = async (change: (observed: Observed) => Partial<Observed>, input: ChainInput = tiny) => {
		const { observed } = await play();
		return judge(input, { ...observed, ...change(observed) })
			.checks.filter(({ ok }) => !ok)
			.map(({ name }) => name);
	};
	const first = <T>(items: readonly T[]): T => items[0] as T; // a played day has some of everything

	const changedTickets = (
		observed: Observed,
		change: (tickets: Observed['tickets'] extends ReadonlyMap<string, infer T> ? T : never) => typeof tickets,
	) => {
		const [key, tickets] = first([...observed.tickets]);
		return { tickets: new Map([...observed.tickets, [key, change(tickets)]]) };
	};

	test('a sound day fails none of them', async () => {
		expect(await failing(() => ({}))).toEqual([]);
	});

	const plants: readonly [CheckName, string, (observed: Observed) => Partial<Observed>][] = [
		[
			'replicasEqual',
			'one replica shows something else',
			({ digests }) => ({ digests: digests.map((row, i) => (i === 5 ? { ...row, digest: 'other' } : row)) }),
		],
		['conserved', 'a pool has more than was minted', () => ({ findings: ['till-3-1: stock/3 not_conserved 1'] })],
		['healthy', 'a till is restricted', () => ({ complaints: ['till-3-1 is restricted'] })],
		[
			'overspent',
			'a point was redeemed that nobody earned',
			() => ({ redemptions: [{ id: 'r', member: 'nobody', points: 1 }] }),
		],
		[
			'oversold',
			'more was thrown away than was left',
			({ waste }) => ({ waste: [...waste, { ...first(waste), quantity: 1 }] }),
		],
		[
			'closed',
			'a cent came after the Z',
			({ closes }) => ({ closes: closes.map((z, i) => (i === 0 ? { ...z, net: z.net + 1 } : z)) }),
		],
		['closed', 'a day was not closed', ({ closes }) => ({ closes: closes.slice(1) })],
		[
			'overspent',
			'a member has a point more than earned',
			({ points }) => ({
				points: new Map([...points, ...[...points].slice(0, 1).map(([id, n]) => [id, n + 1] as const)]),
			}),
		],
		['replicasEqual', 'there is nothing to compare', () => ({ digests: [] })],
	];
	for (const [name, what, change] of plants)
		test(`${name} fails when ${what}`, async () => {
			expect(await failing(change)).toEqual([name]);
		});

	test('ticketsOnce fails when a ticket is booked twice, is missing, or was never sold', async () => {
		const twice = (observed: Observed) => changedTickets(observed, (of) => [...of, first(of)]);
		const missing = (observed: Observed) => changedTickets(observed, (of) => of.slice(1));
		const another = (observed: Observed) =>
			changedTickets(observed, (of) => of.map((ticket, i) => (i === 0 ? { ...ticket, id: 'other' } : ticket)));
		expect(await failing(twice)).toContain('ticketsOnce');
		expect(await failing(missing)).toContain('ticketsOnce');
		expect(await failing(another)).toEqual(['ticketsOnce']);
	});

	test('totals fails when a cent is on the ticket and not on its lines', async () => {
		const cent = (observed: Observed) =>
			changedTickets(observed, (of) =>
				of.map((ticket, i) => (i === 0 ? { ...ticket, totalMinor: ticket.totalMinor + 1 } : ticket)),
			);
		expect(await failing(cent)).toEqual(['totals']);
	});

	test('unstocked fails when a pastry is called missing that was delivered', async () => {
		const missing = (observed: Observed) => ({
			tickets: new Map(
				[...observed.tickets].map(([key, tickets]) => [
					key,
					tickets.map((ticket) => ({
						...ticket,
						lines: ticket.lines.map((line) => ({ ...line, fromShelf: 0 })),
					})),
				]),
			),
		});
		expect(await failing(missing)).toEqual(['unstocked']);
	});

	test('one cent more in expected.json makes it end with exit code 1 and say where', async () => {
		const right = expectedOf(tiny);
		const [first] = Object.keys(right.total_by_outlet_day ?? {});
		const folder = writeFolder(tiny, {
			...right,
			total_by_outlet_day: { ...right.total_by_outlet_day, [`${first}`]: 1 },
		});
		const result = await play();
		const input = readInput(folder, 1);
		const wrong = conclude({ ...result, input, verdict: judge(input, result.observed) }, 'en', true);
		expect(wrong.exitCode).toBe(1);
		expect(JSON.parse(wrong.text.split('\n').at(-1) ?? '')).toMatchObject({
			ok: false,
			failed: [{ name: 'expected' }],
		});
		expect(wrong.text).toContain('WRONG');
		expect(wrong.text).toContain(`${first}: `);
		expect(conclude(result, 'en', true).exitCode).toBe(0);
	});

	test('the table names every check and what is wrong, in both languages', async () => {
		const result = await play();
		const verdict = judge(tiny, { ...result.observed, complaints: ['till-3-1 is restricted'] });
		expect(renderReport({ ...result, verdict }, 'en')).toMatch(/WRONG\n {6}till-3-1 is restricted/);
		expect(renderReport({ ...result, verdict }, 'zh')).toMatch(/错误\n {6}till-3-1 is restricted/);
		expect(renderReport(result, 'en')).not.toContain('WRONG');
	});
});

describe('the input of the main job', () => {
	test('a folder is read as it was written: quoted fields, both ends of line, every cent and line', () => {
		const { tickets, deliveries, days, outlets, whole } = readInput(writeFolder(tiny, expectedOf(tiny)), 1);
		expect(tickets).toEqual(tiny.tickets);
		expect(deliveries).toEqual(tiny.deliveries);
		expect({ days, outlets, whole }).toEqual({ days: tiny.days, outlets: tiny.outlets, whole: true });
	});

	test('the same seed generates the same day, another one another', () => {
		expect(generateInput({ seed: 7, days: 1, tickets: 25 })).toEqual(tiny);
		expect(generateInput({ seed: 8, days: 1, tickets: 25 }).tickets).not.toEqual(tiny.tickets);
	});
});
