import { TillmeshError } from '../../src/base/errors.js';
import type { DeviceId } from '../../src/base/ids.js';
import { Chain } from './machines/chain.js';
import { Chance } from './machines/chance.js';
import { Keys } from './machines/keys.js';
import { RealKeys } from './machines/real-keys.js';
import type { Till } from './machines/till.js';
import { settle } from './machines/time.js';
import { observers } from './properties/index.js';
import { Judge } from './properties/judge.js';
import type { Result, Violation } from './result.js';
import { accidents } from './story/accidents.js';
import type { Counter, StoreMemory } from './story/counter.js';
import { customerWaits, giveUp, sendHome } from './story/manager.js';
import { meetings } from './story/meetings.js';
import { newcomerJoins } from './story/newcomer.js';
import { type FaultName, faultOf, isMeeting, type MeetingName, type Plan, type Step } from './story/plan.js';
import { Power } from './story/power.js';
import type { Backup, Scene } from './story/scene.js';
import { act, stockUp } from './story/shop.js';
import { awaitTier } from './story/tiers.js';

/** How long everything has to agree once all is healed. */
const healMs = 60_000;
/** After this, people try whether it works again. */
const settledMs = 32_000;
/** Images of a disk that a till may be set back to. */
const backupsMax = 3;

/** A chain of shops with its people, its accidents and its judge: one plan is played in it. */
export class World implements Scene {
	readonly plan: Plan;
	readonly chain: Chain;
	readonly judge: Judge;
	readonly memory: StoreMemory = { soldLines: [], tabs: [], keys: [], documents: [], coupons: 0 };
	readonly power: Power;
	readonly gone = new Set<DeviceId>();
	readonly backups = new Map<Till, Backup[]>();
	readonly #counts = new Map<string, number>();
	readonly #history: string[] = [];
	readonly #tells: boolean;
	#serial = 0;
	#step: Step | undefined;
	#violation: Violation | undefined;
	#steps = 0;
	#answers = 0;

	constructor(plan: Plan, tells: boolean, isWatched = true) {
		this.plan = plan;
		this.#tells = tells;
		this.chain = new Chain(plan.seed, plan.topology, plan.realKeys ? new RealKeys() : new Keys());
		this.judge = new Judge(this.chain, plan.seed, isWatched ? observers : []);
		if (isWatched) this.chain.witness = this.judge;
		this.power = new Power(this.chain, this.judge, this);
	}

	/** From the opening of the shops until everybody agrees, or something is wrong. */
	async play(): Promise<void> {
		const uncaught = (error: unknown) => this.#wrong(0, `nobody caught: ${messageOf(error)}`);
		process.on('unhandledRejection', uncaught);
		try {
			await this.#open();
			for (const step of this.plan.steps) {
				if (this.#violation) break;
				await this.step(step);
			}
			this.#step = undefined;
			if (!this.#violation) await this.#heal();
		} catch (error) {
			this.#wrong(0, messageOf(error));
		} finally {
			await new Promise((resolve) => setImmediate(resolve)); // promises that nobody caught are told by now
			process.off('unhandledRejection', uncaught);
		}
	}

	result(): Result {
		const inPlay = new Map(this.#counts);
		for (const [property, times] of this.judge.inPlay) inPlay.set(`property ${property}`, times);
		return {
			seed: this.plan.seed,
			hash: this.chain.trace.hash,
			steps: this.#steps,
			virtualMs: this.chain.time.nowMs,
			inPlay,
			violation: this.#violation,
			history: this.#history,
		};
	}

	#wrong(property: number, message: string): void {
		this.#violation ??= { property, step: this.#step?.index, message };
		this.tell(`VIOLATION of property ${property}: ${message}`);
	}

	/** Whether a property has been found not to hold. */
	#judged(): void {
		const { violation } = this.judge;
		if (violation && !this.#violation) this.#wrong(violation.property, violation.message);
	}

	tell(what: string): void {
		this.chain.trace.text(what);
		if (this.#tells) this.#history.push(`${String(Math.round(this.chain.time.nowMs)).padStart(9)} ms  ${what}`);
	}

	fault(name: FaultName | MeetingName, what: string, till?: Till): void {
		const fault = faultOf(name);
		this.#count(`fault ${fault}`);
		if (isMeeting(name)) this.#count(`meeting ${name}`);
		this.tell(`! ${what}`);
		this.judge.faulted(fault, till);
	}

	#count(what: string, times = 1): void {
		if (times > 0) this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
	}

	async #open(): Promise<void> {
		const { chain, plan } = this;
		await chain.open();
		for (const till of chain.replicas) this.judge.opened(till);
		chain.network.spoil(plan.line);
		const chance = new Chance(plan.seed ^ 0x51ed270b);
		for (const till of chain.tills) stockUp(this.#counter(till, chance));
		await chain.time.pass(200);
		this.#judged();
	}

	get running(): readonly Till[] {
		return this.chain.tills.filter((till) => till.running && till.running.health.get().state !== 'broken');
	}

	async step(step: Step): Promise<void> {
		const { chain } = this;
		this.#step = step;
		this.#steps++;
		await this.power.tend();
		const chance = new Chance(step.seed);
		const actor = await this.#do(step, chance);
		await settle();
		await chain.time.pass(step.waitMs);
		this.judge.stepped(actor);
		this.#judged();
	}

	/** Answers the device that the step was about. */
	async #do({ kind }: Step, chance: Chance): Promise<Till | undefined> {
		const { running, chain } = this;
		if (kind === 'wait') {
			const ms = chance.chance(80) ? chance.stretch(1_000, 60_000) : chance.stretch(60_000, 30 * 86_400_000);
			this.tell(`nothing for ${Math.round(ms / 1_000)} s`);
			await chain.time.pass(ms);
			return undefined;
		}
		if (running.length === 0) return undefined;
		const till = chance.pick(running);
		switch (kind) {
			case 'act':
				this.actAt(till, chance);
				return till;
			case 'check':
				this.#backUp(till);
				if (chance.chance(50)) await this.#openAgain(till);
				return till;
			case 'tend':
				await this.#tend(till, chance);
				return till;
			default:
				return (isMeeting(kind) ? meetings[kind] : accidents[kind])(this, till, chance);
		}
	}

	/** Somebody opens a second window, which does not know of the first. */
	async #openAgain(till: Till): Promise<void> {
		this.tell(`a second window is opened at ${till.name}`);
		const before = till.disk.image();
		this.judge.intruded(till, await till.openAgain(), before);
	}

	actAt(till: Till, chance: Chance): void {
		act(this.#counter(till, chance));
	}

	#counter(till: Till, chance: Chance): Counter {
		const { replica } = till;
		const store = Number(/^sh-(\d+)/.exec(till.name)?.[1] ?? 1) - 1;
		return {
			replica,
			store,
			chance,
			memory: this.memory,
			serial: () => ++this.#serial,
			others: () =>
				this.running.filter((other) => other !== till && sameStore(other, till)).map(({ replica }) => replica.device),
			commit: (what, work, key) => this.#commit(till, what, work, key),
			mistake: (what, attempt) => this.#mistake(till, what, attempt),
			wish: (what, wish) => {
				this.tell(`${till.name}: ${what}`);
				wish.catch((error: unknown) => this.failed(till, what, error));
			},
		};
	}

	#commit(till: Till, what: string, work: Parameters<Till['replica']['commit']>[0], key: string | undefined): void {
		const { replica } = till;
		const { device } = replica;
		this.tell(`${till.name}: ${what}`);
		replica.commit(work, key === undefined ? {} : { idempotencyKey: key }).then(
			(outcome) => {
				if (till.running !== replica) return; // nobody was there any more to be told
				this.tell(`${till.name}: ${what}: ${outcome.ok ? 'done' : outcome.code}`);
				this.#count(outcome.ok ? 'committed' : 'refused');
				const answer = { till, device, outcome };
				this.judge.answered(answer);
				awaitTier(this, answer, this.#answers++);
			},
			(error: unknown) => this.failed(till, what, error),
		);
	}

	#mistake(till: Till, what: string, attempt: () => Promise<unknown>): void {
		const rows = ({ journal }: Till['replica']['core']) =>
			[...journal.all()].reduce((sum, { count }) => sum + count, 0);
		const { core } = till.replica;
		const before = rows(core);
		const attempted = attempt();
		const wrote = rows(core) !== before;
		const said = (code: string | undefined) => {
			this.tell(`${till.name}: ${what}, by mistake: ${code ?? 'done'}`);
			this.judge.mistaken({ till, what, code, wrote });
		};
		attempted.then(
			(outcome) =>
				said(outcome !== null && typeof outcome === 'object' && 'code' in outcome ? String(outcome.code) : undefined),
			(error: unknown) => (error instanceof TillmeshError ? said(error.code) : this.failed(till, what, error)),
		);
	}

	failed(till: Till, what: string, error: unknown): void {
		if (error instanceof TillmeshError) this.tell(`${till.name}: ${what}: ${error.code}`);
		else this.#wrong(0, `${till.name}: ${what}: ${messageOf(error)}`);
	}

	#backUp(till: Till): void {
		const images = this.backups.get(till) ?? [];
		this.backups.set(till, images);
		images.push({ image: till.disk.image(), device: till.replica.device, atMs: this.chain.time.nowMs });
		if (images.length > backupsMax) images.shift();
		this.tell(`${till.name} is backed up`);
	}

	async #tend(till: Till, chance: Chance): Promise<void> {
		const { time } = this.chain;
		const kind = chance.below(5);
		const home = chance.pick(this.chain.homes.length > 0 ? this.chain.homes : [till]);
		if (kind === 0) await this.power.restart(till, chance.chance(50));
		else if (kind === 1 && home.running) {
			this.tell(`${home.name} looks after itself`);
			await time.until(
				home.running.tend({ compact: true }).catch((error: unknown) => this.failed(home, 'tend', error)),
			);
		} else if (kind === 2) {
			this.tell(`${till.name} returns its shares`);
			this.judge.goingHome(till);
			const returned = till.replica.returnShares({ drainMs: 300 });
			await time.until(returned.catch((error: unknown) => this.failed(till, 'return shares', error)));
		} else if (kind === 3) this.fenceGone();
		else giveUp(this, till, chance);
	}

	/** The manager gives up what is not coming back, where its home is there (ESC6). */
	fenceGone(): void {
		for (const device of this.gone) this.fence(device);
	}

	fence(device: DeviceId): void {
		for (const till of this.chain.replicas)
			if (till.running && (till.role.home ?? []).length > 0) {
				this.tell(`${till.name} fences ${device}`);
				till.running.fence(device).catch((error: unknown) => this.failed(till, 'fence', error));
			}
	}

	// ---- the end ----

	async #heal(): Promise<void> {
		const { chain } = this;
		this.tell('everything heals');
		chain.network.mend();
		for (const { disk } of chain.replicas) disk.failNext(undefined);
		for (const { disk } of chain.relays) disk.failNext = undefined;
		for (const { processes } of [...chain.replicas, ...chain.relays]) processes.clock.correct();
		await this.power.tend(true);
		this.fenceGone();
		const overMs = chain.time.nowMs + healMs;
		await chain.time.pass(settledMs);
		this.fenceGone(); // in ledgers too that their home had not met before
		await customerWaits(this);
		await newcomerJoins(this);
		await sendHome(this);
		await chain.time.pass(Math.max(0, overMs - chain.time.nowMs));
		// Tills look after themselves at whole seconds: what one wrote then is with the others by the end of it.
		await chain.time.pass(1_900 - (chain.time.nowMs % 1_000));
		await this.power.tend(true);
		this.judge.ended();
		this.#judged();
		const { counts } = chain.network;
		this.#count('fault delay', counts.delayed + counts.reordered);
		this.#count('fault duplicate', counts.duplicated + counts.dropped);
		this.#count('frames', counts.frames);
	}
}

const sameStore = (a: Till, b: Till): boolean => a.name.split('/')[0] === b.name.split('/')[0];

const messageOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
