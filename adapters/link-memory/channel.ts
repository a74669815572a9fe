export interface Faults {
	readonly random: () => number;
	readonly drop: number;
	readonly duplicate: number;
	readonly reorder: number;
	readonly delayTurns: number;
}

export const noFaults: Faults = { random: () => 0, drop: 0, duplicate: 0, reorder: 0, delayTurns: 0 };

/** How far a frame may fall behind those sent after it, in turns. */
const reorderTurnsMax = 8;
/** What a frame costs beside its bytes, so that a flood of empty ones is bounded too. */
const frameOverheadBytes = 64;

interface UnderWay {
	readonly frame: Uint8Array;
	readonly dueTurn: number;
}

/** Frames under way in one direction. */
export class Channel {
	readonly #faults: Faults;
	readonly #bytesMax: number;
	#underWay: UnderWay[] = [];
	#bytes = 0;
	#turn = 0;
	/** Where no frame is reordered, none is due before the one sent before it. */
	#lastDueTurn = 0;

	constructor(faults: Faults, bytesMax: number) {
		this.#faults = faults;
		this.#bytesMax = bytesMax;
	}

	get busy(): boolean {
		return this.#underWay.length > 0;
	}

	/** False where the frame would not fit; a frame that chance drops was taken all the same. */
	put(frame: Uint8Array): boolean {
		if (this.#bytes + frame.length + frameOverheadBytes > this.#bytesMax) return false;
		const { random, drop, duplicate } = this.#faults;
		if (drop > 0 && random() < drop) return true;
		this.#add(frame);
		if (duplicate > 0 && random() < duplicate) this.#add(frame);
		return true;
	}

	#add(frame: Uint8Array): void {
		const { random, reorder, delayTurns } = this.#faults;
		const delay = delayTurns > 0 ? Math.floor(random() * (delayTurns + 1)) : 0;
		let dueTurn = Math.max(this.#lastDueTurn, this.#turn + 1 + delay);
		this.#lastDueTurn = dueTurn;
		if (reorder > 0 && random() < reorder) dueTurn += 1 + Math.floor(random() * reorderTurnsMax);
		this.#underWay.push({ frame: frame.slice(), dueTurn });
		this.#bytes += frame.length + frameOverheadBytes;
	}

	/** What arrives in the turn that begins now, in order of sending. */
	takeDue(): Uint8Array[] {
		this.#turn++;
		const due: Uint8Array[] = [];
		const later: UnderWay[] = [];
		for (const underWay of this.#underWay) {
			if (underWay.dueTurn > this.#turn) {
				later.push(underWay);
				continue;
			}
			due.push(underWay.frame);
			this.#bytes -= underWay.frame.length + frameOverheadBytes;
		}
		this.#underWay = later;
		return due;
	}
}
