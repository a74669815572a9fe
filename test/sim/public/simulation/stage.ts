import type { Replica } from '../../../../src/replica/replica.js';
import { Chance } from '../../machines/chance.js';
import type { Till } from '../../machines/till.js';
import { settle } from '../../machines/time.js';
import type { Place } from '../place.js';
import { SimulatedWorld } from '../simulated-world.js';
import { accidents, type Scene } from './accidents.js';
import type { AppWorld, Check, Script } from './app.js';
import { isExplained, pickFrom, runCheck } from './counter.js';
import { type Happening, History, inWords } from './history.js';
import type { Plan, Step } from './plan.js';

/** What was found wrong in a world. */
export interface Wrong {
	/** What found it: `start`, `action redeem`, `always 0`, `finally no gift twice`, `tillmesh`. */
	readonly where: string;
	readonly error: Error;
	/** Index of the step in which it was found; undefined at the end. */
	readonly step: number | undefined;
}

/** How long an app has to start, and actions to end, once all has healed. */
const endMsMost = 600_000;
/** An app that looks around every second must not make this long in real time. */
const longestWaitMs = 2 * 3_600_000;
/** A broken till is restarted after so long. */
const restartMs = 1_000;
/** In every so many steps the sums of all tills are checked. */
const sumsEvery = 8;

/** The app on one till, as long as its process lives. */
interface Running<App, Outside> {
	readonly till: Till;
	readonly replica: Replica;
	readonly place: Place<Outside>;
	/** Undefined until it has started. */
	app: { readonly value: App } | undefined;
	/** What goes on in it now. */
	readonly goingOn: Set<Happening>;
}

/** Plays one plan with a vendor's app, from the opening until everything has healed, or something is wrong. */
export class Stage<App, Outside> implements Scene {
	readonly world: SimulatedWorld;
	readonly history: History;
	/** How often each fault happened. */
	readonly faults = new Map<string, number>();
	wrong: Wrong | undefined;
	readonly #plan: Plan;
	readonly #script: Script<App, Outside>;
	readonly #outside: Outside;
	readonly #running = new Map<Till, Running<App, Outside>>();
	/** Tills that are off, and when somebody switches them on. */
	readonly #off = new Map<Till, number>();
	#step: Step | undefined;

	constructor(plan: Plan, script: Script<App, Outside>) {
		const { seed, topology } = plan;
		this.#plan = plan;
		this.#script = script;
		this.#outside = script.outside();
		this.world = new SimulatedWorld({ seed, topology, isAutomatic: false, atDeath: 'forget' });
		this.history = new History(() => this.world.nowMs);
	}

	async play(): Promise<void> {
		try {
			await this.#playAll();
		} catch (error) {
			this.#isWrong('tillmesh', error); // a disk that could not be opened again, for one
		}
		await this.world[Symbol.asyncDispose]();
	}

	async #playAll(): Promise<void> {
		const { network, tills } = this.world.chain;
		await this.world.open();
		for (const till of tills) this.began(till);
		await this.#finish('start');
		for (const line of network.lines) if (!line.isInBox) line.faults = this.#plan.line;
		await this.world.flow.pass(this.#plan.leadMs);
		for (const step of this.#plan.steps) {
			if (this.wrong) return;
			await this.#play(step);
		}
		this.#step = undefined;
		if (!this.wrong) await this.#end();
	}

	// ---- for accidents ----

	readonly nameOf = (name: string): string => (this.#plan.topology.stores > 1 ? name : name.replace(/^sh-1\//, ''));

	readonly tell = (what: string): void => {
		this.history.tell(what);
	};

	/** The app starts there; it can be used when it has. */
	began(till: Till): void {
		const { replica } = till;
		const running: Running<App, Outside> = {
			till,
			replica,
			place: this.world.placeOf(till, this.#outside),
			app: undefined,
			goingOn: new Set(),
		};
		this.#running.set(till, running);
		const start = this.history.tell(`${this.nameOf(till.name)}  start`);
		this.#follow(running, start, 'start', async () => {
			const value = await this.#script.start(replica, running.place);
			running.app = { value };
			return undefined;
		});
	}

	crash(till: Till, { survives, isSilent, offMs }: Parameters<Scene['crash']>[1]): void {
		for (const happening of this.#running.get(till)?.goingOn ?? [])
			this.history.end(happening, 'nobody knows: it died');
		this.#running.delete(till);
		this.world.end(till, survives, isSilent);
		this.#off.set(till, this.world.chain.time.nowMs + offMs);
	}

	actAt(till: Till, chance: Chance): void {
		const running = this.#running.get(till);
		if (!running?.app) return;
		const { value } = running.app;
		const name = chance.pick(Object.keys(this.#script.actions));
		this.#act(running, value, name, chance);
	}

	// ---- steps ----

	async #play(step: Step): Promise<void> {
		this.#step = step;
		await this.#switchOn();
		const chance = new Chance(step.seed);
		await this.#do(step, chance);
		await settle();
		await this.world.flow.pass(step.waitMs);
		if (this.wrong) return;
		if (step.index % sumsEvery === 0) this.#checkSums();
		this.#check('always', this.#script.always);
	}

	async #do({ what }: Step, chance: Chance): Promise<void> {
		if (what === 'wait') {
			const ms = chance.chance(85) ? chance.stretch(1_000, 60_000) : chance.stretch(60_000, longestWaitMs);
			this.tell(`nothing happens for ${Math.round(ms / 1_000)} s`);
			await this.world.flow.pass(ms);
			return;
		}
		const running = this.#readyFrom(chance.below(this.world.chain.tills.length));
		if (!running) return;
		if ('fault' in what) {
			this.faults.set(what.fault, (this.faults.get(what.fault) ?? 0) + 1);
			await accidents[what.fault](this, running.till, chance);
		} else if (running.app) this.#act(running, running.app.value, what.action, chance);
	}

	/** The till of that number or, where nobody can use it now, one of those after it. */
	#readyFrom(first: number): Running<App, Outside> | undefined {
		const { tills } = this.world.chain;
		for (let i = 0; i < tills.length; i++) {
			const running = this.#running.get(tills[(first + i) % tills.length] as Till); // within length
			if (running?.app && isWell(running.replica)) return running;
		}
		return undefined;
	}

	#act(running: Running<App, Outside>, app: App, name: string, chance: Chance): void {
		const action = this.#script.actions[name];
		const picked: number[] = [];
		const who = this.nameOf(running.till.name);
		const happening = this.history.tell(`${who}  ${name}()`);
		const pick = pickFrom(chance, (n) => {
			picked.push(n);
			happening.what = `${who}  ${name}(${picked.join(', ')})`;
		});
		this.#follow(running, happening, `action ${name}`, async () => action?.(app, pick, running.place));
	}

	/** What comes of something that the app does, as long as its process lives. */
	#follow(running: Running<App, Outside>, happening: Happening, where: string, work: () => Promise<unknown>): void {
		running.goingOn.add(happening);
		const isAlive = () => this.#running.get(running.till) === running;
		work().then(
			(value) => {
				running.goingOn.delete(happening);
				if (isAlive()) this.history.end(happening, inWords(value));
			},
			(error: unknown) => {
				running.goingOn.delete(happening);
				if (!isAlive()) return;
				this.history.end(happening, inWords(error));
				if (!isExplained(error)) this.#isWrong(where, error);
				else if (!running.app) this.crash(running.till, { survives: 0, isSilent: false, offMs: restartMs });
			},
		);
	}

	#isWrong(where: string, error: unknown): void {
		this.wrong ??= { where, error: error instanceof Error ? error : new Error(String(error)), step: this.#step?.index };
	}

	// ---- checks ----

	#check(kind: 'always' | 'finally', checks: readonly (readonly [string, Check<App, Outside>])[]): void {
		if (checks.length === 0) return;
		const ready = this.world.chain.tills.flatMap((till) => {
			const { app, replica } = this.#running.get(till) ?? {};
			return app && replica ? { app: app.value, replica } : [];
		});
		const seen: AppWorld<App, Outside> = {
			tills: ready.map(({ replica }) => replica),
			apps: ready.map(({ app }) => app),
			outside: this.#outside,
			nowMs: this.world.nowMs,
		};
		for (const [name, check] of checks)
			try {
				runCheck(`options.${kind}`, check, seen);
			} catch (error) {
				this.#isWrong(`${kind} ${name}`, error);
				return;
			}
	}

	#checkSums(): void {
		const [problem] = this.world.imbalances();
		if (problem) this.#isWrong('tillmesh', problem);
	}

	// ---- machines ----

	/** Who is broken is restarted, who was off long enough is switched on. */
	async #switchOn(all = false): Promise<void> {
		const { nowMs } = this.world.chain.time;
		for (const { till, replica } of [...this.#running.values()])
			if (!isWell(replica)) {
				this.tell(`${this.nameOf(till.name)} is broken and switched off`);
				this.crash(till, { survives: 0, isSilent: false, offMs: restartMs });
			}
		for (const [till, atMs] of [...this.#off]) {
			if (!all && atMs > nowMs) continue;
			this.#off.delete(till);
			if (till.running) continue; // set back, and running again
			await this.world.reopen(till);
			this.began(till);
		}
	}

	/** Waits for everything that apps are doing; it has to end once nothing is in its way. */
	async #finish(where: string): Promise<void> {
		const goingOn = () => [...this.#running.values()].flatMap((running) => [...running.goingOn]);
		const isOver = () => this.wrong !== undefined || goingOn().length === 0;
		if (await this.world.flow.passUntil(isOver, endMsMost)) return;
		const [first] = goingOn();
		const what = `"${first?.what}" has not ended within ${endMsMost / 60_000} virtual minutes, with nothing in its way`;
		this.#isWrong(where, new Error(`${what}. Only tills and sleep() of the place are waited for.`));
	}

	async #end(): Promise<void> {
		const { chain } = this.world;
		this.tell('everything heals');
		chain.network.mend();
		for (const { processes } of chain.replicas) processes.clock.correct();
		// A disk that was about to be full may show only now.
		for (let i = 0; i < 3 && !this.wrong; i++) {
			await this.#switchOn(true);
			await this.#finish('action');
			if (!this.wrong) await this.world.settle();
			if (this.#off.size === 0 && [...this.#running.values()].every(({ replica }) => isWell(replica))) break;
		}
		if (this.wrong) return;
		const [problem] = this.world.problems();
		if (problem) this.#isWrong('tillmesh', problem);
		else this.#check('finally', this.#script.finally);
	}
}

const isWell = (replica: Replica): boolean => replica.health.get().state !== 'broken';
