/** A till as a process of its own, on its own file, linked to its store's relay. Headquarters' desk is one as well. */
import type { Till } from 'tillmesh';
import { webSocket } from 'tillmesh/websocket';
import { answerParent } from './calls.js';
import { defineProducts, enrol, type Products, seesMembers, seesProducts } from './catalogue.js';
import { closeDay, readCloses } from './closing.js';
import type { Delivery, Redemption, Ticket } from './input.js';
import { patienceMs, pause } from './patience.js';
import { markRepair, readBooks, readFigures, seesRepair } from './reading.js';
import { redeem, type Sale, sell, settle } from './selling.js';
import { openPlace, type Place } from './shop.js';
import { fetchPart, readWaste, receive, throwAway } from './stocking.js';
import { Times } from './times.js';

export interface TillOptions extends Place {
	readonly relay: string;
}

/** At most so long a till waits between two half hours for headquarters to have what it sold. */
const breatheMs = 500;
/** After a repair: until all that peers kept for this till has come, not just the end of it. */
const settleMs = 300;

let opened: Till | undefined;
let times: Times | undefined;
let relayUrl = '';
let pullOut = () => {};

const till = (): Till => {
	if (!opened) throw new Error('not open');
	return opened;
};

const timesOf = (): Times => {
	times ??= new Times(till());
	return times;
};

const plugIn = (): void => {
	pullOut();
	pullOut = till().replica.addLink(webSocket(relayUrl));
};

const calls = {
	/** Answers the device's id. */
	async open({ relay, ...place }: TillOptions): Promise<string> {
		opened = await openPlace(place);
		relayUrl = relay;
		timesOf();
		plugIn();
		return opened.replica.device;
	},
	/** The cable is plugged in again: nobody waits for the next attempt, as a person would who has a day to get through. */
	async replug(): Promise<void> {
		plugIn();
		await timesOf().linked(patienceMs);
	},
	linked: () => timesOf().linked(patienceMs),

	define: (products: Products) => defineProducts(till(), products),
	seesProducts: (products: Products) => seesProducts(till(), products),
	enrol: (members: readonly string[]) => enrol(till(), members),
	seesMembers: (members: readonly string[]) => seesMembers(till(), members),

	sell: (sale: Sale) => sell(till(), sale, (ticket) => timesOf().noteCommit(ticket)),
	/** Half an hour is long enough for sales to get to headquarters, where the lines are up: so it is in a fraction of a second. */
	async breathe(): Promise<void> {
		await till()
			.replica.sync.flush({ tier: 'hq', timeoutMs: breatheMs })
			.catch(() => {});
	},
	redeem: (redemption: Redemption) => redeem(till(), redemption),

	receive: (day: string, deliveries: readonly Delivery[]) => receive(till(), day, deliveries),
	fetchPart: (deliveries: readonly Delivery[], parts: number) => fetchPart(till(), deliveries, parts),
	async handBack(): Promise<void> {
		await till().replica.returnShares({ drainMs: patienceMs });
	},
	settle: (tickets: readonly Ticket[], counted: readonly string[]) => settle(till(), tickets, counted),
	throwAway: (day: string, skus: readonly string[]) => throwAway(till(), day, skus),
	z: (day: string, counted: number) => closeDay(till(), day, counted),

	watch: () => timesOf().watch(),
	takeTimes: () => timesOf().take(),

	ledgers: () => till().replica.ledgers(),
	digests: (ledgers: readonly string[]) => ledgers.map((ledger) => till().replica.digest(ledger)),
	figures: () => readFigures(till()),
	books: (outlets: readonly string[], days: readonly string[], members: readonly string[]) =>
		readBooks(till(), outlets, days, members),
	closes: () => readCloses(till()),
	waste: (skus: readonly string[]) => readWaste(till(), skus),

	/** Everything written so far, and a mark at its end, is on the relay's disk when this resolves. */
	async mark(text: string): Promise<string[]> {
		const ledgers = await markRepair(till(), text);
		await till().replica.sync.flush({ tier: 'store', timeoutMs: patienceMs });
		return ledgers;
	},
	async seesMark(text: string, ledgers: readonly string[]): Promise<void> {
		await seesRepair(till(), text, ledgers);
		await pause(settleMs);
	},
	async close(): Promise<void> {
		await till().shutdown();
	},
};

export type TillCalls = typeof calls;

answerParent(calls);
