import type { WriteBatch } from '../../../src/ports/storage.js';
import { homeDonors } from '../../../src/relay/home-donors.js';
import type { RowBatch } from '../../../src/relay/row-store.js';
import type { TrustOptions } from '../../../src/replica/options.js';
import { everything, type Grant } from '../../../src/trust/grant.js';
import { Chance } from './chance.js';
import { type Keyring, Keys } from './keys.js';
import { type Line, Network } from './network.js';
import { RelayBox } from './relay-box.js';
import { Root } from './root.js';
import { Till, type TillRole } from './till.js';
import { VirtualTime } from './time.js';
import { Trace } from './trace.js';

/** Who is there, and who is linked to whom. */
export interface Topology {
	readonly stores: number;
	readonly tillsPerStore: number;
	/** A relay in each store, its home beside it. Without one the first till of each store is home. */
	readonly relay: boolean;
	/** A relay above those of the stores, with the home of what the whole chain shares. */
	readonly hq: boolean;
	/** Tills of a store are linked to each other as well. */
	readonly mesh: boolean;
	/** The last till of each store keeps every row, so that homes may compact. */
	readonly archive: boolean;
	readonly segmentRows: number;
	readonly checkpointRows: number;
	readonly syncMsMax: number;
	/** Ledgers that every till of the chain keeps; their home is headquarters', where there is one. */
	readonly shared?: readonly string[];
	/** The chain has a root key, and every machine a credential for everything. */
	readonly root?: boolean;
	/** The same, and every machine the credential that this gives it by its name. */
	readonly grants?: ((name: string) => readonly Grant[]) | undefined;
}

/** What somebody outside sees of the machines, in the moment it happens. */
export interface Witness {
	/** A device's disk has just synced; whoever wrote has not been told. */
	synced(till: Till, batches: readonly WriteBatch[]): void;
	relaySynced(box: RelayBox, batches: readonly RowBatch[]): void;
	/** A process has handed a frame to a link. */
	sent(from: string, frame: Uint8Array): void;
}

const nobody: Witness = { synced: () => {}, relaySynced: () => {}, sent: () => {} };

export const storeName = (store: number): string => `sh-${store + 1}`;
/** Ledgers whose home is the chain's, not a store's, unless the topology names others. */
const chainWide = ['members/*', 'catalog/*'];

/** What replicas load when they need it. Once it is loaded, `import()` takes no real time any more. */
const lazy = () =>
	Promise.all([
		import('../../../src/replica/home.js'),
		import('../../../src/replica/lines.js'),
		import('../../../src/replica/enrolment.js'),
	]);

/** Machines, lines and time of a whole chain of shops, in one process; nothing happens in it but what is told to. */
export class Chain {
	readonly topology: Topology;
	readonly time = new VirtualTime();
	readonly trace = new Trace();
	readonly chance: Chance;
	readonly keys: Keyring;
	readonly network: Network;
	/** Devices that people use. */
	readonly tills: Till[] = [];
	/** Replicas beside relays. */
	readonly homes: Till[] = [];
	readonly relays: RelayBox[] = [];
	readonly root: Root | undefined;
	witness: Witness = nobody;

	constructor(seed: number, topology: Topology, keys: Keyring = new Keys()) {
		this.chance = new Chance(seed);
		this.topology = topology;
		this.keys = keys;
		const grants = topology.grants ?? (topology.root ? () => [everything] : undefined);
		this.root = grants && new Root(this.keys, this.chance, grants);
		const { time, trace } = this;
		this.network = new Network({
			time,
			trace,
			chance: this.chance.fork(),
			sent: (from, frame) => this.witness.sent(from, frame),
		});
		this.#furnish();
	}

	#furnish(): void {
		const { stores, hq, shared = chainWide } = this.topology;
		if (hq) this.#addRelay('hq', 'hq', shared);
		for (let store = 0; store < stores; store++) this.#furnishStore(store);
	}

	#furnishStore(store: number): void {
		const { tillsPerStore, relay, hq, mesh, archive, segmentRows, checkpointRows, shared = chainWide } = this.topology;
		const name = storeName(store);
		const own = [`*/${name}*`];
		const keeps = [...own, ...shared];
		const homeOf = hq ? own : keeps;
		if (relay) {
			this.#addRelay(name, 'store', homeOf);
			if (hq) this.network.join(name, 'hq');
		}
		for (let i = 1; i <= tillsPerStore; i++) {
			const isHome = !relay && i === 1;
			const isArchive = archive && i === tillsPerStore && !isHome;
			const role: TillRole = {
				name: `${name}/till-${i}`,
				keeps,
				...(isHome ? { home: homeOf, segmentRows, checkpointRows } : isArchive ? { archive: true } : {}),
			};
			this.addTill(role);
			if (relay) this.network.join(role.name, name);
			for (let other = 1; other < i; other++)
				if (mesh || (!relay && other === 1)) this.network.join(role.name, `${name}/till-${other}`);
		}
	}

	addTill(role: TillRole): Till {
		const till: Till = this.#makeTill(role);
		this.tills.push(till);
		return till;
	}

	#makeTill(role: TillRole): Till {
		const { syncMsMax } = this.topology;
		const watch = (batches: readonly WriteBatch[]) => this.witness.synced(till, batches);
		const till: Till = new Till({ ...this.#context, role: { ...role, ...this.#trust }, disk: { syncMsMax, watch } });
		return till;
	}

	get #trust(): { readonly trust?: TrustOptions } {
		return this.root ? { trust: this.root.trust } : {};
	}

	get #context() {
		return { time: this.time, keys: this.keys, chance: this.chance };
	}

	/** A relay, and the home in the same box. */
	#addRelay(name: string, role: 'store' | 'hq', home: readonly string[]): void {
		const { segmentRows, checkpointRows, syncMsMax } = this.topology;
		const beside = this.#makeTill({
			name: `${name}/home`,
			keeps: home,
			home,
			archive: false,
			segmentRows,
			checkpointRows,
		});
		this.homes.push(beside);
		this.network.join(beside.name, name, true);
		const watch = (batches: readonly RowBatch[]) => this.witness.relaySynced(box, batches);
		const box: RelayBox = new RelayBox({
			...this.#context,
			...this.#trust,
			name,
			role,
			disk: { syncMsMax, watch },
			donors: homeDonors(() => beside.running),
		});
		this.relays.push(box);
	}

	/** A line to machines that may be running: those sit down at it at once, the others when they begin. */
	join(a: string, b: string): Line {
		const line = this.network.join(a, b);
		for (const at of ['a', 'b'] as const) {
			const { who } = line[at];
			this.find(who)?.running?.addLink(line.link(at));
			this.relays.find(({ name }) => name === who)?.running?.peers.connect(line.link(at));
		}
		return line;
	}

	/** Every replica, homes beside relays among them. */
	get replicas(): readonly Till[] {
		return [...this.homes, ...this.tills];
	}

	find(name: string): Till | undefined {
		return this.replicas.find((till) => till.name === name);
	}

	linesOf(name: string): Line[] {
		return this.network.lines.filter(({ a, b }) => a.who === name || b.who === name);
	}

	#links(name: string, wanted: (line: Line) => boolean = () => true) {
		return this.linesOf(name)
			.filter(wanted)
			.map((line) => line.link(line.a.who === name ? 'a' : 'b'));
	}

	async open(): Promise<void> {
		await lazy(); // before the world begins, so that none of its time passes meanwhile
		for (const box of this.relays) await this.openRelay(box);
		for (const till of this.tills) await this.openTill(till);
		await this.time.pass(300);
	}

	openTill(till: Till): Promise<boolean> {
		return this.time.until(till.open(this.#links(till.name)));
	}

	async openRelay(box: RelayBox): Promise<void> {
		const { name } = box;
		const isHome = ({ a }: Line) => a.who === `${name}/home`;
		const isUp = ({ a, b }: Line) => a.who === name && b.who === 'hq';
		const down = this.#links(name, (line) => !isHome(line) && !isUp(line));
		const [up] = this.#links(name, isUp);
		await this.time.until(box.open(down, this.#links(name, isHome), up));
		const home = this.find(`${name}/home`);
		if (home) await this.openTill(home);
	}

	crashTill(till: Till, survives = 0, isSilent = false): void {
		for (const line of this.linesOf(till.name)) line.leave(line.a.who === till.name ? 'a' : 'b', isSilent);
		till.crash(survives);
	}

	crashRelay(box: RelayBox, survives = 0, isSilent = false): void {
		for (const line of this.linesOf(box.name)) line.leave(line.a.who === box.name ? 'a' : 'b', isSilent);
		box.crash(survives);
		const home = this.find(`${box.name}/home`);
		if (home?.running) this.crashTill(home, 0);
	}
}
