import type { DeviceId, EpochId, LedgerName } from '../../../src/base/ids.js';
import { deviceIdOf } from '../../../src/journal/seal.js';
import type { Crypto } from '../../../src/ports/platform.js';
import { GuardedLink } from '../../../src/relay/guarded-link.js';
import { relayLimits } from '../../../src/relay/quota.js';
import type { Introduction } from '../../../src/sync/frames.js';
import type { EnrolledKeys } from '../../../src/trust/credential.js';
import { type Chain, storeName } from '../machines/chain.js';
import { Chance } from '../machines/chance.js';
import { goodLine, type LineFaults } from '../machines/network.js';
import { worldStartMs } from '../machines/process.js';
import { RelayBox } from '../machines/relay-box.js';
import { chainName, type Till } from '../machines/till.js';
import { Loot } from './loot.js';
import { type Lesser, lesserOf } from './overreach.js';
import { Pen } from './pen.js';
import { HostileWire } from './wire.js';

const name = 'hostile';
const wiresMax = 4;
/** Rows of one epoch of its own, so that sending all of it again costs little. */
const penRowsMax = 40;

/** A fork of its own journal: two entries after one, each given to whoever was there. */
export interface Branches {
	readonly a: EpochId;
	readonly b: EpochId;
}

/** An attack that is refused whole: until then nothing may be written down because of it. */
export interface Quiet {
	readonly name: string;
	readonly victim: string;
	readonly fromMs: number;
	readonly untilMs: number;
}

const machines = new WeakMap<Chain, HostileMachine>();

/** The hostile machine of a world; undefined before it was ever there. */
export const hostileOf = (chain: Chain): HostileMachine | undefined => machines.get(chain);

/**
 * A machine in the shop's network that nobody invited. It knows the protocol by heart, has a key of its own, and gets what
 * every peer gets; it holds no secret of anybody else's.
 */
export class HostileMachine {
	readonly chain: Chain;
	readonly chance: Chance;
	readonly crypto: Crypto;
	readonly pair: EnrolledKeys;
	readonly device: DeviceId;
	readonly loot = new Loot();
	readonly wires: HostileWire[] = [];
	/** Epochs that nobody may ever take, and what made each of them. */
	readonly refusable = new Map<EpochId, string>();
	/** Where it went on twice after one entry. */
	readonly forks: Branches[] = [];
	quiet: Quiet | undefined;
	readonly #lesser: Lesser;
	/** By ledger: its epochs, each going on after the one before it. */
	readonly #pens = new Map<LedgerName, Pen[]>();

	static async join(chain: Chain, seed: number): Promise<HostileMachine> {
		const known = machines.get(chain);
		if (known) return known;
		const chance = new Chance(seed);
		const crypto = chain.keys.crypto(chance);
		const pair = await crypto.generateKeyPair();
		// Where the chain has a root key it is a device that somebody enrolled, for less than it would like to do.
		const lesser = lesserOf(seed);
		const credential = await chain.root?.give({ key: pair.publicKey, name, replaces: undefined }, lesser.grants);
		const machine = new HostileMachine(chain, chance, crypto, { ...pair, credential }, lesser);
		machines.set(chain, machine);
		return machine;
	}

	private constructor(chain: Chain, chance: Chance, crypto: Crypto, pair: EnrolledKeys, lesser: Lesser) {
		this.chain = chain;
		this.#lesser = lesser;
		this.chance = chance;
		this.crypto = crypto;
		this.pair = pair;
		this.device = deviceIdOf(pair.publicKey, crypto.sha256);
	}

	get me(): Introduction {
		const { device, pair } = this;
		const { publicKey: key, credential } = pair;
		return { chain: chainName, device, name, key, role: 'device', archive: false, keeps: ['*'], credential };
	}

	readonly nowMs = (): number => worldStartMs + this.chain.time.nowMs;

	nonce(): string {
		return this.chance.between(1, 2 ** 31).toString(36);
	}

	/** A line to a machine that it has none to yet; or one that it has. */
	wire(chance: Chance, faults: LineFaults): HostileWire | undefined {
		const { wires, chain } = this;
		const known = wires.length > 0 ? chance.pick(wires) : undefined;
		if (known && (wires.length >= wiresMax || chance.chance(60))) return known;
		const all: readonly (Till | RelayBox)[] = [...chain.tills, ...chain.relays, ...chain.relays];
		const free = all.filter((one) => one.running && wires.every(({ victim }) => victim !== one.name));
		if (free.length === 0) return known;
		return this.#connect(chance.pick(free), chance.chance(50) ? goodLine : faults);
	}

	#connect(victim: Till | RelayBox, faults: LineFaults): HostileWire {
		const line = this.chain.network.join(name, victim.name);
		line.faults = faults;
		const wire = new HostileWire(this, line, victim.name);
		this.wires.push(wire);
		if (this.chain.root) wire.whenLive(() => this.#overreach(wire));
		if (victim instanceof RelayBox) {
			// As every connection from outside comes to a relay.
			const { platform } = victim.processes;
			const traffic = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, updatesOut: 0 };
			const nothing = () => {};
			line.guard = (link) =>
				new GuardedLink(link, { platform, limits: relayLimits, traffic, crossed: nothing, ended: nothing });
			victim.running?.peers.connect(line.link('b'));
		} else victim.running?.addLink(line.link('b'));
		return wire;
	}

	/** Does what its credential does not allow. */
	async #overreach(wire: HostileWire): Promise<void> {
		for (const [what, leg] of Object.entries(this.#lesser.beyond)) {
			const pen = this.decoy(this.ledger(wire, this.chance), what);
			wire.say(await pen.write([leg]).update());
		}
	}

	/** A ledger that the victim keeps and people use. */
	ledger({ victim }: HostileWire, chance: Chance): LedgerName {
		const store = /^sh-\d+/.exec(victim)?.[0];
		const own = store ? [`stock/${store}`, `orders/${store}`] : [`stock/${storeName(0)}`];
		return chance.pick([...own, 'members/m', 'catalog/c']);
	}

	/** A new epoch that is written for one attack, and for none but it. */
	decoy(ledger: LedgerName, attack: string): Pen {
		const pen = this.#newPen(ledger);
		this.refusable.set(pen.id, attack);
		return pen;
	}

	/** Where its journal in a ledger goes on. */
	journal(ledger: LedgerName): Pen {
		const pens = this.#pens.get(ledger) ?? [];
		this.#pens.set(ledger, pens);
		let pen = pens.at(-1);
		if (!pen || pen.rows.length >= penRowsMax) {
			pen = pen?.next(this.nonce(), pen.head()) ?? this.#newPen(ledger);
			pens.push(pen);
		}
		return pen;
	}

	/** Its journal goes on in this epoch. */
	goOn(pen: Pen): void {
		this.#pens.get(pen.name.ledger)?.push(pen);
	}

	/** Of what it does now, where that is refused whole, nothing may come for so long. */
	noteQuiet(name: string, victim: string, forMs: number): void {
		const { nowMs } = this.chain.time;
		this.quiet = { name, victim, fromMs: nowMs, untilMs: nowMs + forMs };
	}

	/** Sends all of its journal in a ledger, well sealed. */
	async publish(wire: HostileWire, ledger: LedgerName): Promise<void> {
		for (const pen of this.#pens.get(ledger) ?? []) wire.say(await pen.update());
	}

	#newPen(ledger: LedgerName): Pen {
		const { crypto, pair, nowMs } = this;
		return new Pen({ crypto, pair, ledger, nonce: this.nonce(), nowMs }, null);
	}
}
