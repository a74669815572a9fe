import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gone, Program } from './calls.js';
import { type Line, openLine } from './line.js';
import { pause } from './patience.js';
import { readLog, tearLog } from './power.js';
import type { Chance } from './random.js';
import type { RelayBox } from './relay-box.js';
import type { TillCalls } from './till-process.js';

export interface StationOptions {
	readonly name: string;
	readonly store: string;
	readonly folder: string;
	readonly chance: Chance;
	readonly relay: RelayBox;
}

/** A machine with a replica on its disk: the file, the process that has it open, and the cable to the relay. */
export class Station {
	readonly #options: StationOptions;
	readonly line: Line;
	#file: string;
	#files = 0;
	#repairs = 0;
	#program: Program<TillCalls>;
	/** Who this device was when it came. */
	#firstDevice = '';
	#device = '';
	/** Settles when the machine works again; undefined while it does. */
	#restart: Promise<void> | undefined;

	private constructor(options: StationOptions, line: Line) {
		this.#options = options;
		this.line = line;
		this.#file = join(options.folder, `${options.name}.db`);
		this.#program = new Program<TillCalls>(options.relay.programs.till);
	}

	static async open(options: StationOptions): Promise<Station> {
		const station = new Station(options, await openLine(() => options.relay.port));
		await station.#open();
		station.#firstDevice = station.#device;
		return station;
	}

	get name(): string {
		return this.#options.name;
	}

	/** A device that wrote on from two states of its disk is retired and goes on under another name. */
	wasRenamed(device: string): boolean {
		return device !== this.#firstDevice;
	}

	async #open(): Promise<void> {
		const { name, store } = this.#options;
		this.#device = await this.#program.ask('open', { name, store, file: this.#file, relay: this.line.url });
	}

	#start(): Promise<void> {
		this.#program = new Program<TillCalls>(this.#options.relay.programs.till);
		return this.#open();
	}

	/**
	 * Asks the process. Where it dies under the question, nobody heard an answer: it is asked again once the machine is back,
	 * so that every question must be safe to ask twice.
	 */
	async ask<T>(question: (program: Program<TillCalls>) => Promise<T>): Promise<T> {
		for (;;) {
			await this.#restart;
			const program = this.#program;
			try {
				return await question(program);
			} catch (error) {
				if (!(error instanceof Gone) || (this.#restart === undefined && program === this.#program)) throw error;
			}
		}
	}

	/** Resolves when it is linked again. */
	async goOnline(): Promise<void> {
		if (!this.line.isUp) await this.line.heal(() => this.replug());
	}

	replug(): Promise<void> {
		return this.ask((program) => program.ask('replug'));
	}

	// ---- what happens to machines ----

	/**
	 * `kill -9` in the middle of `work`, which runs while the line is cut: nobody else has heard anything. Where nobody here
	 * has either, the last commit is torn as a power cut tears it. The machine comes up again with what its disk holds then.
	 */
	async losePowerDuring<T>(work: () => Promise<T>): Promise<T> {
		const { chance } = this.#options;
		const program = this.#program;
		const { answers } = program;
		const before = readLog(this.#file);
		const running = work();
		await pause(chance.next() * 8);
		const restart = async () => {
			await program.kill();
			if (!this.line.isUp && program.answers === answers) tearLog(this.#file, before, chance.next());
			await this.#start();
		};
		await this.#whileAway(restart);
		return running;
	}

	/** The file as it is now, as somebody copies it who has closed the till for it. */
	async backUp(): Promise<string> {
		const copy = `${this.#file}.copy`;
		await this.#whileAway(async () => {
			await this.#close();
			copyFileSync(this.#file, copy);
			await this.#start();
		});
		return copy;
	}

	/** The disk breaks and an old copy comes in its place; the till works again once it has back what others kept for it. */
	restore(copy: string): Promise<void> {
		const mark = `repair ${++this.#repairs} of ${this.name}`;
		return this.#whileAway(async () => {
			const ledgers = await this.#program.ask('mark', mark);
			await this.#program.kill();
			this.#file = join(this.#options.folder, `${this.name}.${++this.#files}.db`);
			copyFileSync(copy, this.#file);
			await this.#start();
			await this.#program.ask('seesMark', mark, ledgers);
		});
	}

	#whileAway(work: () => Promise<void>): Promise<void> {
		const restart = work().finally(() => {
			this.#restart = undefined;
		});
		this.#restart = restart;
		return restart;
	}

	async #close(): Promise<void> {
		await this.#program.ask('close');
		await this.#program.leave();
	}

	async close(): Promise<void> {
		await this.#close();
		await this.line.close();
	}
}

export const linkedIn = (station: Station): Promise<void> => station.ask((program) => program.ask('linked'));
