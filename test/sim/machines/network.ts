import { limits } from '../../../src/base/limits.js';
import type { Link, LinkEvents } from '../../../src/ports/link.js';
import type { Chance } from './chance.js';
import { ownCopy } from './own-copy.js';
import type { VirtualTime } from './time.js';
import type { Trace } from './trace.js';

/** What a line does to frames; percentages are of frames. */
export interface LineFaults {
	readonly delayMsMax: number;
	readonly reorderPercent: number;
	readonly dropPercent: number;
	readonly duplicatePercent: number;
}

/** On a line that does nothing to frames they are under way for a moment; on a healed one none may come later than this. */
const lateMs = 1_000;

export const goodLine: LineFaults = { delayMsMax: 2, reorderPercent: 0, dropPercent: 0, duplicatePercent: 0 };

/** How often a line did something to a frame, and how many it carried. */
export interface LineCounts {
	frames: number;
	delayed: number;
	reordered: number;
	dropped: number;
	duplicated: number;
	swallowed: number;
}

export interface NetworkOptions {
	readonly time: VirtualTime;
	readonly chance: Chance;
	readonly trace: Trace;
	/** Sees every frame that a process hands to a link, before the link does anything to it. */
	readonly sent: (from: string, frame: Uint8Array) => void;
}

/** After a connection ended, before the next is made. */
const reconnectMs = { least: 200, most: 1_000 };
const queueBytesMax = 4 * 1024 * 1024;
/** A frame that is overtaken comes up to so much later. */
const overtakenMsMax = 200;

export type SeatName = 'a' | 'b';

/** One end of a line: whoever sits there gets a new link with each process. */
class Seat {
	readonly who: string;
	events: LinkEvents | undefined;
	/** Number of the connection that this end believes in; 0 for none. */
	connection = 0;
	bytesUnderWay = 0;
	lastArrivalMs = 0;
	/** What is sent from here gets lost, and nobody is told. */
	swallows = false;

	constructor(who: string) {
		this.who = who;
	}
}

/** A way between two machines, and what is wrong with it. */
export class Line {
	readonly a: Seat;
	readonly b: Seat;
	faults: LineFaults = goodLine;
	readonly counts: LineCounts;
	/** Between a relay and the home beside it: nothing ever happens to it but that the box dies. */
	readonly isInBox: boolean;
	/** What stands before the link of end `b`, such as a relay's guard. */
	guard = (link: Link): Link => link;
	readonly #o: NetworkOptions;
	/** Nothing gets through, and both ends have been told. */
	#isCut = false;
	#connections = 0;
	#connecting = false;

	constructor(a: string, b: string, options: NetworkOptions, counts: LineCounts, isInBox: boolean) {
		this.a = new Seat(a);
		this.b = new Seat(b);
		this.#o = options;
		this.counts = counts;
		this.isInBox = isInBox;
	}

	/** Something is wrong with it that healing takes away. */
	get isPartitioned(): boolean {
		return this.#isCut || this.a.swallows || this.b.swallows;
	}

	get isUp(): boolean {
		return this.a.connection > 0 && this.a.connection === this.b.connection;
	}

	/** The link for a process that sits down at one end. */
	link(at: SeatName): Link {
		const seat = this[at];
		const link: Link = {
			kind: `line to ${at === 'a' ? this.b.who : this.a.who}`,
			private: true, // observers read what travels: the channel around it has tests of its own
			start: (events) => {
				seat.events = events;
				this.#connect();
			},
			stop: () => {
				this.#disconnect(true);
				seat.events = undefined;
			},
		};
		return at === 'b' ? this.guard(link) : link;
	}

	/** The process at one end is gone. Where `isSilent`, the power went with it: the other end hears nothing of it. */
	leave(at: SeatName, isSilent: boolean): void {
		const seat = this[at];
		seat.events = undefined;
		seat.connection = 0;
		if (!isSilent) this.#disconnect(false);
	}

	cut(): void {
		this.#isCut = true;
		this.#disconnect(false);
	}

	/** Frames of one direction, or of both, get lost; nobody is told. */
	swallow(a: boolean, b: boolean): void {
		this.a.swallows = a;
		this.b.swallows = b;
	}

	heal(): void {
		this.#isCut = false;
		this.swallow(false, false);
		this.#connect();
	}

	/** Whatever was wrong with it is over. A connection whose frames were held up for long is made anew. */
	mend(): void {
		this.faults = goodLine;
		const lastMs = Math.max(this.a.lastArrivalMs, this.b.lastArrivalMs);
		if (lastMs > this.#o.time.nowMs + lateMs) this.#disconnect(false);
		this.heal();
	}

	#disconnect(again: boolean): void {
		const seats = [this.a, this.b].filter((seat) => seat.connection > 0);
		for (const seat of seats) seat.connection = 0;
		for (const seat of seats) {
			seat.bytesUnderWay = 0;
			seat.events?.down();
		}
		if (again) this.#connect();
	}

	#connect(): void {
		if (this.#connecting) return;
		this.#connecting = true;
		const { time, chance } = this.#o;
		const waitMs = this.#connections === 0 ? 1 : chance.between(reconnectMs.least, reconnectMs.most);
		time.after(waitMs, () => {
			this.#connecting = false;
			this.#up();
		});
	}

	/** A handshake needs both directions: nobody connects through a hole. */
	#up(): void {
		if (!this.a.events || !this.b.events) return;
		if (this.isPartitioned || this.isUp) return;
		this.#disconnect(false);
		const connection = ++this.#connections;
		for (const seat of [this.a, this.b]) {
			seat.connection = connection;
			seat.lastArrivalMs = 0;
		}
		for (const [seat, other] of [
			[this.a, this.b],
			[this.b, this.a],
		] as const)
			seat.events?.up({
				send: (frame) => this.#send(seat, other, connection, frame),
				close: () => {
					if (seat.connection === connection) this.#disconnect(true);
				},
			});
	}

	#send(from: Seat, to: Seat, connection: number, frame: Uint8Array): boolean {
		if (from.connection !== connection || frame.length > limits.frameBytes) return false;
		if (from.bytesUnderWay + frame.length > queueBytesMax) return false;
		const { chance, sent } = this.#o;
		const { faults, counts } = this;
		sent(from.who, frame);
		counts.frames++;
		if (from.swallows) {
			counts.swallowed++;
			return true;
		}
		if (chance.chance(faults.dropPercent)) {
			counts.dropped++;
			return true;
		}
		this.#carry(from, to, connection, frame);
		if (chance.chance(faults.duplicatePercent)) {
			counts.duplicated++;
			this.#carry(from, to, connection, frame);
		}
		return true;
	}

	#carry(from: Seat, to: Seat, connection: number, frame: Uint8Array): void {
		const { time, chance, trace } = this.#o;
		const { faults, counts } = this;
		const delayMs = faults.delayMsMax <= 2 ? 1 : chance.stretch(1, faults.delayMsMax);
		if (delayMs > 10) counts.delayed++;
		let atMs = time.nowMs + delayMs;
		if (chance.chance(faults.reorderPercent)) {
			counts.reordered++;
			atMs += chance.between(1, overtakenMsMax);
		} else {
			atMs = Math.max(atMs, from.lastArrivalMs);
			from.lastArrivalMs = atMs;
		}
		from.bytesUnderWay += frame.length;
		time.after(atMs - time.nowMs, () => {
			from.bytesUnderWay = Math.max(0, from.bytesUnderWay - frame.length);
			if (to.connection !== connection || from.swallows) return;
			trace.bytes(1, frame);
			to.events?.frame(ownCopy(frame));
		});
	}
}

/** All lines of a world. */
export class Network {
	readonly lines: Line[] = [];
	readonly counts: LineCounts = { frames: 0, delayed: 0, reordered: 0, dropped: 0, duplicated: 0, swallowed: 0 };
	readonly #o: NetworkOptions;

	constructor(options: NetworkOptions) {
		this.#o = options;
	}

	join(a: string, b: string, isInBox = false): Line {
		const line = new Line(a, b, this.#o, this.counts, isInBox);
		this.lines.push(line);
		return line;
	}

	between(a: string, b: string): Line | undefined {
		return this.lines.find((line) => (line.a.who === a && line.b.who === b) || (line.a.who === b && line.b.who === a));
	}

	/** What every line between two boxes does to frames from now on. */
	spoil(faults: LineFaults): void {
		for (const line of this.lines) if (!line.isInBox) line.faults = faults;
	}

	mend(): void {
		for (const line of this.lines) line.mend();
	}
}
