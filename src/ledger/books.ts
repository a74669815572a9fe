import { toHex } from '../base/bytes.js';
import type { DeviceId, HoldId, LedgerName, PoolId, Position } from '../base/ids.js';
import type { RestsAt } from '../escrow/redistribution.js';
import { documentKey, type Hold, isDebit } from '../escrow/share.js';
import type { Entry } from '../journal/entry.js';
import type { Epoch } from '../journal/journal.js';
import type { Leg } from '../journal/leg.js';
import type { Fold, Row } from '../journal/view.js';
import { collectionKinds, keysSinceOf, LedgerFigures, readFigures, Touched, writeFigures } from './figures.js';

type Listener = () => void;
/** `keys` of the family that changed; undefined where any of them may have. */
export type FamilyListener = (ledger: LedgerName, keys: ReadonlySet<string> | undefined) => void;

/** All collections `<name>/<key>` of a kind, over all ledgers of a kind. */
export interface Family {
	/** What stands before the slash of the ledgers' names. */
	readonly ledgers: string;
	readonly of: 'log' | 'cell' | 'pool';
	readonly name: string;
}

/** Told of what comes into the figures, as it comes: before anybody who listens is. */
export interface Tap {
	applied(row: Row): void;
	/** The ledger's figures are others, by a checkpoint. */
	renewed(ledger: LedgerName): void;
}

/** True for a pool that may not be spent from here: `upgrade_required`. Asked at every spend. */
export type Guard = (ledger: LedgerName, pool: PoolId) => boolean;

const kindOf = (name: string) => name.slice(0, name.indexOf('/'));
type SpendListener = (ledger: LedgerName, pool: PoolId) => void;

/** The figures of every ledger in view, who listens to them, and this device's debits that the view does not show yet. */
export class Books implements Fold {
	readonly #ledgers = new Map<LedgerName, LedgerFigures>();
	readonly #precedes: (at: Position, tip: Position) => boolean;
	#device: DeviceId;
	/** By ledger and pool (ESC1). */
	readonly #unseen = new Map<LedgerName, Map<PoolId, number>>();
	/** Likewise what this device minted and the view does not show yet. */
	readonly #unseenMinted = new Map<LedgerName, Map<PoolId, number>>();
	/** Mints and resolutions of holds that are written and not in view: neither may be done twice (ESC3, ESC4). */
	readonly #underWay = new Set<string>();
	/** By ledger and topic, with a line break between: no name has one. */
	readonly #listeners = new Map<string, Set<Listener>>();
	/** By kind of ledger, and then by `<kind>/<name>` of the family. */
	readonly #watchers = new Map<string, Map<string, Set<FamilyListener>>>();
	#touched = new Map<LedgerName, Touched>();
	/** Ledgers whose figures are others, by a checkpoint. */
	#renewed = new Set<LedgerName>();
	/** Told after every change, whatever it touched: the windows of a shared replica follow it. */
	readonly followers = new Set<Listener>();
	readonly taps = new Set<Tap>();
	/** Name pools that this device must not spend from, beside those that entries name (JRN12). */
	readonly guards = new Set<Guard>();
	#spending: SpendListener | undefined;
	/** Where the shares of a collection's pools rest, as its handle was declared here; by ledger and collection. */
	readonly #rests = new Map<string, RestsAt>();

	constructor(device: DeviceId, precedes: (at: Position, tip: Position) => boolean) {
		this.#device = device;
		this.#precedes = precedes;
	}

	/** A device that enrols anew leaves its old debits behind with its old name. */
	rename(device: DeviceId): void {
		this.#device = device;
		this.#unseen.clear();
		this.#unseenMinted.clear();
		this.#underWay.clear();
	}

	of(ledger: LedgerName): LedgerFigures {
		let figures = this.#ledgers.get(ledger);
		if (!figures) {
			figures = new LedgerFigures(this.#precedes);
			this.#ledgers.set(ledger, figures);
		}
		return figures;
	}

	names(): Iterable<LedgerName> {
		return this.#ledgers.keys();
	}

	apply(row: Row): void {
		const { ledger } = row.epoch.name;
		this.of(ledger).apply(row, this.#listeners.size + this.#watchers.size === 0 ? undefined : this.#touchedIn(ledger));
		if (this.taps.size > 0) for (const tap of this.taps) tap.applied(row);
	}

	restore(ledger: LedgerName, figures: Uint8Array): void {
		const fresh = new LedgerFigures(this.#precedes);
		readFigures(figures, fresh);
		this.#ledgers.set(ledger, fresh);
		this.renew(ledger);
		for (const tap of this.taps) tap.renewed(ledger);
	}

	/** Whoever listens looks at all of the ledger, as after a checkpoint: it is kept from now on. */
	renew(ledger: LedgerName): void {
		this.#renewed.add(ledger);
	}

	/** Keys go that a checkpoint let go. Of two that do not cover each other, the later one may have kept more (JRN9). */
	letGo(ledger: LedgerName, figures: Uint8Array): boolean {
		const since = keysSinceOf(figures);
		const own = this.of(ledger);
		own.forgetKeysBefore(since);
		return own.keysSinceMs === since;
	}

	/** This device wrote an entry, or took one of its own back: its debits count from now on. */
	wrote(ledger: LedgerName, entry: Entry): void {
		for (const leg of entry.legs) {
			if (isDebit(leg)) {
				change(this.#unseen, ledger, leg.pool, leg.amount);
				if (leg.kind !== 'grant') this.#spending?.(ledger, leg.pool);
			} else if (leg.kind === 'mint') change(this.#unseenMinted, ledger, leg.pool, leg.amount);
			const once = onceKey(ledger, leg);
			if (once) this.#underWay.add(once);
		}
	}

	shown(epoch: Pick<Epoch, 'name' | 'entry'>, from: number, to: number): void {
		if (epoch.name.device !== this.#device) return;
		for (let i = from; i < to; i++)
			for (const leg of epoch.entry(i).legs) {
				if (isDebit(leg)) change(this.#unseen, epoch.name.ledger, leg.pool, -leg.amount);
				else if (leg.kind === 'mint') change(this.#unseenMinted, epoch.name.ledger, leg.pool, -leg.amount);
				const once = onceKey(epoch.name.ledger, leg);
				if (once) this.#underWay.delete(once);
			}
	}

	/** What this device may still spend, grant or hold of a pool (ESC1). */
	mine(ledger: LedgerName, pool: PoolId): number {
		const share = this.#ledgers.get(ledger)?.escrow.pools.get(pool)?.shares.get(this.#device)?.share ?? 0;
		return share - (this.#unseen.get(ledger)?.get(pool) ?? 0);
	}

	/** Must this version leave the pool alone (JRN12)? */
	isStopped(ledger: LedgerName, pool: PoolId): boolean {
		if (this.of(ledger).escrow.stopped.has(pool)) return true;
		for (const guard of this.guards) if (guard(ledger, pool)) return true;
		return false;
	}

	/** Minted of a pool by everybody in view, and by this device beyond it. */
	minted(ledger: LedgerName, pool: PoolId): number {
		const shown = this.#ledgers.get(ledger)?.escrow.pools.get(pool)?.minted ?? 0;
		return shown + (this.#unseenMinted.get(ledger)?.get(pool) ?? 0);
	}

	/** Has this device minted for the document, or begun to? */
	hasMinted(ledger: LedgerName, pool: PoolId, document: string): boolean {
		if (this.#underWay.has(documentKey(ledger, 'mint', pool, document))) return true;
		return this.of(ledger).escrow.documents.get(documentKey(pool, document))?.has(this.#device) ?? false;
	}

	/** A hold of this device that nobody has begun to resolve. */
	openHold(ledger: LedgerName, id: HoldId): Hold | undefined {
		const hold = this.of(ledger).escrow.holds.get(id);
		return hold?.device === this.#device && !this.#underWay.has(documentKey(ledger, 'hold', id)) ? hold : undefined;
	}

	/** Calls back for every spend and hold of this device, as it is written. One listener. */
	watchSpending(spent: SpendListener): void {
		this.#spending = spent;
	}

	rest(ledger: LedgerName, collection: string, restsAt: RestsAt): void {
		this.#rests.set(`${ledger} ${collection}`, restsAt);
	}

	/** Rights to resolve rest at the store, whoever came by them: a till that is switched off must not keep one (ESC5). */
	restsAt(ledger: LedgerName, pool: PoolId): RestsAt {
		const collection = pool.slice(0, pool.indexOf('/'));
		return collection === 'exception' ? 'store' : (this.#rests.get(`${ledger} ${collection}`) ?? 'device');
	}

	listen(ledger: LedgerName, topic: string, changed: Listener): () => void {
		return subscribe(this.#listeners, `${ledger}\n${topic}`, changed);
	}

	/** Calls back after every change to the family, once a batch and ledger. */
	watch(family: Family, changed: FamilyListener): () => void {
		const families = this.#watchers.get(family.ledgers) ?? new Map<string, Set<FamilyListener>>();
		this.#watchers.set(family.ledgers, families);
		return subscribe(families, `${family.of}/${family.name}`, changed);
	}

	/** Equal figures give equal digests. */
	digest(ledger: LedgerName, sha256: (data: Uint8Array) => Uint8Array): string {
		return toHex(sha256(writeFigures(this.of(ledger))));
	}

	#touchedIn(ledger: LedgerName): Touched {
		let touched = this.#touched.get(ledger);
		if (!touched) {
			touched = new Touched();
			this.#touched.set(ledger, touched);
		}
		return touched;
	}

	/** Tells the listeners of everything touched since the last call. */
	notify(): void {
		for (const follower of [...this.followers]) callListener(follower);
		const [touched, renewed] = [this.#touched, this.#renewed];
		if (touched.size + renewed.size === 0) return;
		this.#touched = new Map();
		this.#renewed = new Set();
		for (const ledger of renewed) touched.delete(ledger);
		if (this.#listeners.size > 0) this.#notifyListeners(touched, renewed);
		this.#notifyWatchers(touched, renewed);
	}

	#notifyListeners(touched: ReadonlyMap<LedgerName, Touched>, renewed: ReadonlySet<LedgerName>): void {
		const topics: string[] = [];
		for (const [ledger, kinds] of touched)
			for (const kind of collectionKinds)
				for (const name of kinds[kind] ?? []) topics.push(`${ledger}\n${kind}/${name}`);
		for (const ledger of renewed)
			for (const topic of this.#listeners.keys()) if (topic.startsWith(`${ledger}\n`)) topics.push(topic);
		for (const topic of topics) for (const listener of [...(this.#listeners.get(topic) ?? [])]) callListener(listener);
	}

	#notifyWatchers(touched: ReadonlyMap<LedgerName, Touched>, renewed: ReadonlySet<LedgerName>): void {
		const tell = (watchers: ReadonlySet<FamilyListener>, ledger: LedgerName, keys: ReadonlySet<string> | undefined) => {
			for (const watcher of [...watchers]) callListener(() => watcher(ledger, keys));
		};
		for (const [ledger, kinds] of touched) {
			const families = this.#watchers.get(kindOf(ledger));
			if (families) for (const [watchers, keys] of watched(families, kinds)) tell(watchers, ledger, keys);
		}
		for (const ledger of renewed)
			for (const watchers of this.#watchers.get(kindOf(ledger))?.values() ?? []) tell(watchers, ledger, undefined);
	}
}

function subscribe<L>(all: Map<string, Set<L>>, key: string, listener: L): () => void {
	const listeners = all.get(key) ?? new Set();
	all.set(key, listeners.add(listener));
	return () => {
		listeners.delete(listener);
		if (listeners.size === 0) all.delete(key);
	};
}

/** Of collections `<name>/<key>` the keys that changed, by who watches their family. */
function watched(
	families: ReadonlyMap<string, ReadonlySet<FamilyListener>>,
	touched: Touched,
): Map<ReadonlySet<FamilyListener>, Set<string>> {
	const found = new Map<ReadonlySet<FamilyListener>, Set<string>>();
	for (const kind of collectionKinds)
		for (const collection of touched[kind] ?? []) {
			const slash = collection.indexOf('/');
			const watchers = slash < 0 ? undefined : families.get(`${kind}/${collection.slice(0, slash)}`);
			if (!watchers) continue;
			const keys = found.get(watchers) ?? new Set();
			found.set(watchers, keys.add(collection.slice(slash + 1)));
		}
	return found;
}

function change(of: Map<LedgerName, Map<PoolId, number>>, ledger: LedgerName, pool: PoolId, amount: number): void {
	let pools = of.get(ledger);
	if (!pools) {
		pools = new Map();
		of.set(ledger, pools);
	}
	const sum = (pools.get(pool) ?? 0) + amount;
	if (sum === 0) pools.delete(pool);
	else pools.set(pool, sum);
}

function onceKey(ledger: LedgerName, leg: Leg): string | undefined {
	if (leg.kind === 'mint') return documentKey(ledger, 'mint', leg.pool, leg.document);
	if (leg.kind === 'capture' || leg.kind === 'release' || leg.kind === 'expire')
		return documentKey(ledger, 'hold', leg.hold);
	return undefined;
}

/** A listener that throws must not stop the others nor the replica: its error surfaces as an uncaught one. */
function callListener(listener: Listener): void {
	try {
		listener();
	} catch (error) {
		queueMicrotask(() => {
			throw error;
		});
	}
}
