import { join } from 'node:path';
import { Program } from './calls.js';
import { type Line, openLine } from './line.js';
import { until } from './patience.js';
import type { Programs } from './programs.js';
import type { RelayCalls } from './relay-process.js';
import { chainName } from './shop.js';

export interface RelayBoxOptions {
	readonly name: string;
	readonly folder: string;
	readonly programs: Programs;
	/** Undefined at headquarters. */
	readonly outlet?: string;
	readonly above?: RelayBox;
}

/** The box in the back room: a relay in a process of its own, and its line to headquarters. */
export class RelayBox {
	readonly #options: RelayBoxOptions;
	readonly line: Line | undefined;
	#program: Program<RelayCalls> | undefined;
	#starting: Promise<void> | undefined;
	/** Where it listens; another one after a restart. */
	port = 0;

	private constructor(options: RelayBoxOptions, line: Line | undefined) {
		this.#options = options;
		this.line = line;
	}

	static async open(options: RelayBoxOptions): Promise<RelayBox> {
		const { above } = options;
		const box = new RelayBox(options, above && (await openLine(() => above.port)));
		await box.start();
		return box;
	}

	get programs(): Programs {
		return this.#options.programs;
	}

	get name(): string {
		return this.#options.name;
	}

	start(): Promise<void> {
		this.#starting ??= this.#start();
		return this.#starting;
	}

	async #start(): Promise<void> {
		const { name, folder, outlet } = this.#options;
		const program = new Program<RelayCalls>(this.programs.relay);
		this.#program = program;
		const options = { data: join(folder, name), chain: chainName, name, free: false };
		this.port = await program.ask(
			'start',
			outlet === undefined
				? { ...options, role: 'hq' as const }
				: { ...options, store: outlet, ...(this.line && { upstream: this.line.url }) },
		);
	}

	/** `kill -9`. Its tills see the connection break. */
	async kill(): Promise<void> {
		await this.#starting;
		this.line?.cut();
		this.#starting = undefined;
		await this.#program?.kill();
	}

	/** Resolves when it has found headquarters again. */
	async goOnline(): Promise<void> {
		await this.line?.heal(() => this.linked());
	}

	/** Resolves to whether it has found headquarters. */
	linked(): Promise<boolean> {
		return until(async () => {
			await this.#starting;
			const look = this.#starting && this.#program?.ask('look').catch(() => undefined);
			return (await look)?.isUpstreamUp ?? false;
		});
	}

	/** What somebody ought to look at before the night. */
	async complaints(): Promise<string[]> {
		const { alarms = [] } = (await this.#program?.ask('look')) ?? {};
		// What comes before the two sides of a new connection have proved themselves is no entry, and is sent again.
		const isRefusal = (code: string, params: (typeof alarms)[number]['params']) =>
			code === 'entries_refused' && params.code !== 'unproved_frame';
		const grave = alarms.filter(({ code, level, params }) => level === 'critical' || isRefusal(code, params));
		return grave.map(({ code, params }) => `${this.name}: ${code} ${JSON.stringify(params)}`);
	}

	async close(): Promise<void> {
		await this.#program?.ask('stop');
		await this.#program?.leave();
		await this.line?.close();
	}
}
