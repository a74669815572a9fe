import { expect, test } from 'vitest';
import type { ApprovalDocument } from '../../../../src/retail/approvals/documents.js';
import type { LineId, OrderId } from '../../../../src/retail/documents/order.js';
import type { Outcome } from '../../../../src/retail/shop/outcome.js';
import * as street from './street.js';
import { Deeds, oneOf, playShops, seeds, twice } from './street.js';

/** What a manager said, and what cashiers did with it. */
interface Street {
	readonly opened: Deeds<undefined, OrderId>;
	/** `approval`: the yes that a cashier showed; `limit`: what he may do alone, as far as this till had heard. */
	readonly struck: Deeds<
		{
			readonly line: LineId;
			readonly net: number;
			readonly limit: number | undefined;
			readonly approval: string | undefined;
		},
		void
	>;
	readonly decided: Deeds<{ readonly id: string; readonly yes: boolean }, void>;
}

type App = street.App<Street>;
type Pick = (n: number) => number;

const limit = 50;
const verb = 'order.void_line';

const actions = {
	async open(app: App, pick: Pick) {
		const { till, place } = app;
		const lines = [30, 80].map((unitPrice) => ({ sku: 'CUT', qty: 1 + pick(2), unitPrice }));
		return place.outside.opened.ask(app, undefined, (options) => till.orders.open({ lines }, options));
	},
	/** A cashier strikes a line out; where that is too much for him he asks, and goes on with the yes. */
	async 'S37 strike out'(app: App, pick: Pick) {
		const { till, place } = app;
		const order = oneOf(till.orders.list({ state: 'open' }).get(), pick);
		const line = oneOf(order?.lines ?? [], pick);
		if (!order || !line) return 'none';
		const { struck } = place.outside;
		const by = 'cass';
		let said: Outcome<void> | undefined;
		const strike = (approval?: string) =>
			struck.ask(
				app,
				{ line: line.id, net: line.net, limit: till.approvals.limitOf(by, verb), approval },
				async (options) => {
					const shown = approval === undefined ? {} : { approval };
					said = await till.orders.voidLine(order.id, line.id, { reason: 'cold', by, ...shown, ...options });
					return said;
				},
			);
		const first = await strike();
		if (said?.ok !== false || !said.approval) return first;
		const asked = await till.approvals.ask(said.approval, { timeoutMs: 5_000, by });
		if (!asked.ok) {
			// Some try all the same, with what nobody has agreed to.
			const { bindsTo } = said.approval;
			const open = till.approvals
				.list()
				.get()
				.find((approval) => approval.bindsTo === bindsTo);
			return open ? strike(open.id) : asked.code;
		}
		// In a hurry he taps twice.
		const taps = await Promise.all(pick(3) === 0 ? [strike(asked.value), strike(asked.value)] : [strike(asked.value)]);
		return taps.join();
	},
	async 'S37 decide'(app: App, pick: Pick) {
		const { till, place } = app;
		const pending = oneOf(till.approvals.pending().get(), pick);
		if (!pending) return 'nothing asked';
		const yes = pick(4) > 0;
		return place.outside.decided.ask(app, { id: pending.id, yes }, (options) =>
			till.approvals.decide(pending.id, yes, { ...options, by: 'mia' }),
		);
	},
	/** The manager sits at his device and answers whatever comes. */
	async 'S37 wait for questions'({ till, place }: App) {
		const ended = place.now() + 4_000;
		for (let i = 0; i < 20 && place.now() < ended; i++) {
			await place.sleep(200);
			const [pending] = till.approvals.pending().get();
			if (!pending) continue;
			const what = { id: pending.id, yes: true };
			return place.outside.decided.ask({ place }, what, (options) =>
				till.approvals.decide(pending.id, true, { ...options, by: 'mia' }),
			);
		}
		return 'nobody asked';
	},
};

test(
	`S37 approvals under all faults, ${seeds} seeds: nothing above the limit without a manager's yes, each yes used once, all of it on record`,
	() =>
		playShops<Street>({
			opening: async (app) => {
				const { till } = app;
				await till.catalog.define([{ sku: 'CUT', name: 'Cut', policy: 'none' }], street.key(app));
				await till.approvals.setLimits('cashier', { [verb]: limit });
				await till.approvals.setRole('cass', 'cashier');
			},
			actions,
			outside: () => ({ opened: new Deeds(), struck: new Deeds(), decided: new Deeds() }),
			always: {
				'S37 each yes is used once': ({ outside }) => {
					expect(twice(outside.struck.done.flatMap(({ what }) => what.approval ?? []))).toEqual([]);
				},
				'S37 nothing above the limit goes through without a yes of the manager': ({ outside: { struck, decided } }) => {
					const agreed = new Set(decided.possible.filter(({ what }) => what.yes).map(({ what }) => what.id));
					for (const { what } of struck.done)
						if (what.limit !== undefined && what.net > what.limit) expect(agreed).toContain(what.approval);
				},
			},
			finally: {
				'S37 what people were told is what the books have, and all tills say the same': ({ apps, outside }) => {
					street.expectTold(Object.values(outside), street.notesOf(apps));
					street.expectSame(apps, (till) => till.approvals.list().get());
				},
				'S37 who asked, who agreed and what it was used for is on record at every till': ({ apps, outside }) => {
					for (const { till } of apps) {
						const known = new Map(
							till.approvals
								.list()
								.get()
								.map((approval) => [approval.id, approval]),
						);
						for (const { what } of outside.struck.done) {
							if (what.approval === undefined) continue;
							expect(known.get(what.approval)).toMatchObject({ state: 'used', verb, asked: what.net, by: 'cass' });
							const signed = known.get(what.approval)?.decided.filter(({ yes, by }) => yes && by === 'mia');
							expect(signed?.length).toBeGreaterThan(0);
						}
					}
				},
				'S37 no approval is used twice, whoever did it': ({ apps }) => {
					for (const { till } of apps) {
						const all = [...street.entriesOf(till, ['desk'])].filter(({ family }) => family === 'approval');
						const said = all.map(({ id, value }) => ({ id, document: value as unknown as ApprovalDocument }));
						const used = said.filter(({ document }) => document.verb === 'approval.use').map(({ id }) => id);
						expect(twice(used)).toEqual([]);
					}
				},
			},
		}),
	300_000,
);
