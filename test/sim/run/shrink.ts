import { type FaultName, faultOf, type Plan } from '../story/plan.js';
import type { Part } from './order.js';

export interface ShrinkOptions {
	readonly plan: Plan;
	/** Index of the step after which it was found; what comes later is not needed. */
	readonly lastStep: number | undefined;
	/** Plays a part of the plan; true where it fails as the whole did. */
	readonly fails: (part: Part) => Promise<boolean>;
	/** Parts that are tried at once. */
	readonly atOnce: number;
	readonly playsMax: number;
	readonly nowMs: () => number;
	readonly msMax: number;
}

export interface Shrunk {
	readonly steps: readonly number[];
	readonly without: readonly FaultName[];
	readonly plays: number;
	/** False where plays or time ran out before everything had been tried. */
	readonly isDone: boolean;
}

/** Faults that lie in the lines; every other one is a step. */
const lineFaults: readonly FaultName[] = ['delay', 'duplicate'];

/** Leaves out of a failing plan what it does not need to fail: kinds of faults first, then steps, by halves (ddmin). */
export async function shrink(options: ShrinkOptions): Promise<Shrunk> {
	const { plan } = options;
	const search = new Search(options);
	const steps = plan.steps.map(({ index }) => index);
	// By its place: a step's number does not say when it comes.
	const last = options.lastStep === undefined ? -1 : steps.indexOf(options.lastStep);
	const upTo = last < 0 ? steps : steps.slice(0, last + 1);
	await search.first([{ steps: upTo, without: [] }]);
	await search.dropFaults([...plan.faults]);
	await search.dropSteps();
	await search.dropFaults(lineFaults.filter((name) => plan.faults.has(name)));
	const { without, plays, isDone } = search;
	// A fault whose steps are gone need not be named.
	return { steps: search.steps, without: without.filter((name) => lineFaults.includes(name)), plays, isDone };
}

class Search {
	steps: readonly number[];
	without: readonly FaultName[] = [];
	plays = 0;
	isDone = true;
	readonly #o: ShrinkOptions;
	/** By step: what fault it is of. */
	readonly #kinds: ReadonlyMap<number, string>;
	readonly #untilMs: number;

	constructor(options: ShrinkOptions) {
		this.#o = options;
		this.steps = options.plan.steps.map(({ index }) => index);
		this.#kinds = new Map(options.plan.steps.map(({ index, kind }) => [index, faultOf(kind)]));
		this.#untilMs = options.nowMs() + options.msMax;
	}

	get #mayGoOn(): boolean {
		const { playsMax, nowMs } = this.#o;
		if (this.plays < playsMax && nowMs() < this.#untilMs) return true;
		this.isDone = false;
		return false;
	}

	/** Takes the first of these parts that still fails; answers which, or -1. */
	async first(parts: readonly Required<Part>[]): Promise<number> {
		if (!this.#mayGoOn) return -1;
		this.plays += parts.length;
		const failed = await Promise.all(parts.map((part) => this.#o.fails(part)));
		const at = failed.indexOf(true);
		const part = parts[at];
		if (part) Object.assign(this, part);
		return at;
	}

	async dropFaults(names: readonly FaultName[]): Promise<void> {
		const left = names.filter((name) => !this.without.includes(name));
		if (left.length === 0 || (await this.first([this.#without(left)])) === 0) return;
		for (const name of left) await this.first([this.#without([name])]);
	}

	#without(names: readonly FaultName[]): Required<Part> {
		const steps = this.steps.filter((index) => !names.some((name) => name === this.#kinds.get(index)));
		return { steps, without: [...this.without, ...names] };
	}

	/** Smaller and smaller stretches of what is left are tried without, until no single step can go. */
	async dropSteps(): Promise<void> {
		let size = Math.ceil(this.steps.length / 2);
		while (size >= 1 && this.steps.length > 0) {
			const dropped = await this.#dropStretches(size);
			if (!this.isDone) return;
			if (size === 1 && !dropped) return;
			size = dropped ? Math.min(size, Math.ceil(this.steps.length / 2)) : Math.ceil(size / 2);
		}
	}

	async #dropStretches(size: number): Promise<boolean> {
		let dropped = false;
		for (let at = 0; at < this.steps.length && this.isDone; ) {
			const starts = Array.from({ length: this.#o.atOnce }, (_, i) => at + i * size);
			const parts = starts
				.filter((start) => start < this.steps.length)
				.map((start) => this.#dropStretch(start, start + size));
			const taken = await this.first(parts);
			if (taken >= 0) dropped = true;
			// What stood before the stretch that went has just been needed.
			at += (taken >= 0 ? taken : parts.length) * size;
		}
		return dropped;
	}

	#dropStretch(from: number, to: number): Required<Part> {
		return { steps: [...this.steps.slice(0, from), ...this.steps.slice(to)], without: this.without };
	}
}
