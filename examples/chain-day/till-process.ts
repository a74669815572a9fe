/** A till as a process of its own: a replica on its own file, linked to its store's relay. Headquarters' desk is one as well. */
import { openReplica, type Replica } from 'tillmesh';
import { sqlite } from 'tillmesh/sqlite';
import { webSocket } from 'tillmesh/websocket';
import { answerParent } from './calls.js';
import type { Delivery, Ticket } from './input.js';
import { chainName, pointsOf, type Redemption } from './ledgers.js';
import { patienceMs, pause } from './patience.js';
import { markRepair, readBooks, readFigures, seesRepair } from './reading.js';
import { redeem, type Sale, sell, settle } from './selling.js';
import { gather, handBack, receive, seesDelivery, throwAway } from './stocking.js';
import { Times } from './times.js';

export interface TillOptions {
	readonly name: string;
	readonly keeps: readonly string[];
	readonly file: string;
	readonly relay: string;
}

/** In the demo half an hour passes in a fraction of a second: points that lay still for so long are not needed here. */
const restAfterMs = 200;
/** At most so long a till waits between two half hours for headquarters to have what it sold. */
const breatheMs = 500;
/** After a repair: until all that peers kept for this till has come, not just the end of it. */
const settleMs = 300;

let opened: Replica | undefined;
let times: Times | undefined;
let relayUrl = '';
let pullOut = () => {};

const replica = (): Replica => {
	if (!opened) throw new Error('not open');
	return opened;
};

const timesOf = (): Times => {
	times ??= new Times(replica());
	return times;
};

const plugIn = (): void => {
	pullOut();
	pullOut = replica().addLink(webSocket(relayUrl));
};

const calls = {
	/** Answers the device's id. */
	async open({ name, keeps, file, relay }: TillOptions): Promise<string> {
		opened = await openReplica({
			chain: chainName,
			name,
			keeps,
			storage: sqlite(file),
			links: [],
			restAfterMs,
		});
		relayUrl = relay;
		pointsOf(opened); // declared before anything of it comes
		timesOf();
		plugIn();
		return opened.device;
	},
	/** The cable is plugged in again: nobody waits for the next attempt, as a person would who has a day to get through. */
	async replug(): Promise<void> {
		plugIn();
		await timesOf().linked(patienceMs);
	},
	linked: () => timesOf().linked(patienceMs),

	sell: (sale: Sale) => sell(replica(), sale, (ticket) => timesOf().noteCommit(ticket)),
	/** Half an hour is long enough for sales to get to headquarters, where the lines are up: so it is in a fraction of a second. */
	async breathe(): Promise<void> {
		await replica()
			.sync.flush({ tier: 'hq', timeoutMs: breatheMs })
			.catch(() => {});
	},
	settle: (tickets: readonly Ticket[], counted: readonly string[]) => settle(replica(), tickets, counted),
	redeem: (outlet: string, day: string, redemption: Redemption) => redeem(replica(), outlet, day, redemption),

	receive: (outlet: string, day: string, deliveries: readonly Delivery[], tills: readonly string[]) =>
		receive(replica(), outlet, day, deliveries, tills),
	seesDelivery: (outlet: string, deliveries: readonly Delivery[]) => seesDelivery(replica(), outlet, deliveries),
	handBack: (outlet: string, keys: readonly string[], to: string) => handBack(replica(), outlet, keys, to),
	gather: (outlet: string, keys: readonly string[]) => gather(replica(), outlet, keys),
	throwAway: (outlet: string, day: string, products: readonly string[]) => throwAway(replica(), outlet, day, products),

	watch: (ledgers: readonly { readonly outlet: string; readonly day: string }[]) => timesOf().watch(ledgers),
	takeTimes: () => timesOf().take(),

	digests: (ledgers: readonly string[]) => ledgers.map((ledger) => replica().digest(ledger)),
	figures: () => readFigures(replica()),
	books: (outlets: readonly string[], days: readonly string[]) => readBooks(replica(), outlets, days),

	/** Everything written so far, and a mark at its end, is on the relay's disk when this resolves. */
	async mark(outlet: string, text: string): Promise<void> {
		await markRepair(replica(), outlet, text);
		await replica().sync.flush({ tier: 'store', timeoutMs: patienceMs });
	},
	async seesMark(outlet: string, text: string): Promise<void> {
		await seesRepair(replica(), outlet, text);
		await pause(settleMs);
	},
	async close(): Promise<void> {
		await replica().shutdown();
	},
};

export type TillCalls = typeof calls;

answerParent(calls);
