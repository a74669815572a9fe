import type { Link, LinkEvents } from '../../../src/ports/link.js';
import type { Dice } from '../update-model.js';

/** One end of a line: a link that is up when the line says so. */
class Side implements Link {
	readonly kind = 'by hand';
	readonly private = true;
	readonly sent: Uint8Array[] = [];
	events: LinkEvents | undefined;
	isUp = false;

	start(events: LinkEvents): void {
		this.events = events;
	}

	stop(): void {
		this.down();
		this.events = undefined;
	}

	up(): void {
		this.isUp = true;
		this.events?.up({
			send: (frame) => {
				if (this.isUp) this.sent.push(frame.slice());
				return this.isUp;
			},
			close: () => this.down(),
		});
	}

	down(): void {
		if (!this.isUp) return;
		this.isUp = false;
		this.sent.length = 0;
		this.events?.down();
	}
}

/** Two links and the frames between them, none of which arrives before it is handed over. */
export class Line {
	readonly a = new Side();
	readonly b = new Side();

	/** Call when both links have been given to their replicas; again after a cut. */
	up(): void {
		this.cut();
		this.a.up();
		this.b.up();
	}

	cut(): void {
		this.a.down();
		this.b.down();
	}

	get isUp(): boolean {
		return this.a.isUp && this.b.isUp;
	}

	get busy(): boolean {
		return this.a.sent.length + this.b.sent.length > 0;
	}

	/** One frame of either side: it may be lost, overtake others, or stay to come again. */
	handOver(dice: Dice, faultPercent: number): void {
		const [from, to] =
			(this.a.sent.length > 0 && dice.chance(50)) || this.b.sent.length === 0 ? [this.a, this.b] : [this.b, this.a];
		if (from.sent.length === 0) return;
		const at = dice.chance(faultPercent) ? dice.below(from.sent.length) : 0;
		const stays = dice.chance(faultPercent / 2);
		const [frame] = stays ? [from.sent[at]] : from.sent.splice(at, 1);
		if (frame && !dice.chance(faultPercent)) to.events?.frame(frame.slice());
	}

	/** Every frame under way, once and in order; false where there was none. */
	handOverAll(): boolean {
		if (!this.busy) return false;
		for (const [from, to] of [
			[this.a, this.b],
			[this.b, this.a],
		] as const)
			for (const frame of from.sent.splice(0)) to.events?.frame(frame);
		return true;
	}
}
