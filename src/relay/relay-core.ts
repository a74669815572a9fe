import { createDecoder } from 'lib0/decoding';
import { fromUtf8, utf8 } from '../base/bytes.js';
import { encoded, list, text } from '../base/codec.js';
import { BadArgument, Closed, StorageError } from '../base/errors.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { includes, keeps } from '../base/patterns.js';
import { Quarantine } from '../journal/admission.js';
import { RefusedNotes } from '../journal/refused.js';
import { deviceIdOf } from '../journal/seal.js';
import type { Link, Platform } from '../ports/index.js';
import type { Enrolment } from '../replica/enrolment.js';
import { type Chains, digestOf } from '../replica/holdings.js';
import type { TrustOptions } from '../replica/options.js';
import type { Introduction, Role, ShareAsk, UpdateFrame } from '../sync/frames.js';
import type { FrameRefusal, Holding, PeerSession, Received } from '../sync/host.js';
import { markOf } from '../sync/marks.js';
import { Peers } from '../sync/peers.js';
import type { EnrolledKeys } from '../trust/credential.js';
import { Above } from './above.js';
import { AskRoutes, type Donors } from './ask-routes.js';
import { Keeping, type KeptLedger } from './keeping.js';
import { Differences } from './lacking.js';
import { PointIntake } from './point-intake.js';
import { Knocks, type RelayLimits } from './quota.js';
import { Rejections, type RelayRejection, refusedNote } from './rejections.js';
import { RelayIntake } from './relay-intake.js';
import { RelaySide } from './relay-side.js';
import type { Note, RowStore } from './row-store.js';

export interface RelayCoreOptions {
	readonly platform: Platform;
	readonly store: RowStore;
	readonly chain: string;
	readonly name: string;
	readonly role: Extract<Role, 'store' | 'hq'>;
	readonly limits: RelayLimits;
	/** Given where the chain has a root key. */
	readonly trust?: TrustOptions | undefined;
	readonly donors: Donors;
	/** Rows that this relay once acknowledged are gone from its disk: a peer says so. */
	readonly restored: (from: MetPeer, ledger: LedgerName, entries: number) => void;
	/** A peer has come, and what it has is known; or it has left. */
	readonly met: (session: MetPeer) => void;
	/** A device brought too much that was refused: its session is ended. */
	readonly crossed?: (session: MetPeer) => void;
	/** Something was refused whose reason was not foreseen. */
	readonly failed: (error: unknown) => void;
}

/** A peer as a relay's owner sees it. */
export type MetPeer = Pick<PeerSession, 'peer' | 'via' | 'told'>;

const nothing = new Uint8Array();
/** Patterns of ledgers that devices may make a store ask headquarters for, and their UTF-8 bytes: a greeting says them all. */
const patternsMax = 2_048;
const patternsBytesMax = 28 * 1024;
/** Ledgers that devices asked all of, and headquarters has not told yet. */
const wantedMax = 1_024;
const patternsField = list(text);
const revokedNote = 'revoked/';
const noted = Uint8Array.of(1);

/** A relay is home of nothing: the home in the same box has a key of its own. */
async function enrolmentOf({ platform, name, role }: RelayCoreOptions, trust: TrustOptions): Promise<Enrolment> {
	const { Enrolment } = await import('../replica/enrolment.js');
	return new Enrolment(platform.crypto, name, trust, [], { role, archive: true });
}

/** A relay without its sockets: the rows of a chain, on disk and on their way, and who they go to. Opens no document, folds nothing. */
export class RelayCore {
	readonly platform: Platform;
	readonly store: RowStore;
	readonly keeping: Keeping;
	readonly #forked = new Quarantine();
	readonly rejections: Rejections;
	readonly differences = new Differences();
	readonly #above: Above;
	readonly peers: Peers;
	#pair: EnrolledKeys;
	readonly #enrolment: Enrolment | undefined;
	readonly device: DeviceId;
	/** Sessions with devices, upward, and with the home in the same box. */
	readonly sides: { readonly down: RelaySide; readonly up: RelaySide; readonly home: RelaySide };
	/** Acknowledgements of rows that are on disk here. */
	acks = 0;
	readonly #o: RelayCoreOptions;
	readonly #intake: RelayIntake;
	readonly #points: PointIntake;
	readonly #asks: AskRoutes;
	readonly #patterns: Set<string>;
	readonly #revoked = new Set<DeviceId>();
	readonly #patience: Knocks;
	/** How many of them the relay above was told in the last greeting. */
	#saidPatterns = 0;
	#up: Link | undefined;
	/** Of which headquarters is to tell all that there is, and of which it has told that and all of it is here. */
	readonly #wanted = new Set<LedgerName>();
	readonly #told = new Set<LedgerName>();
	readonly #holdings = new WeakMap<ReadonlyMap<EpochId, number>, Holding>();
	#receiving = 0;
	#idle = () => {};
	#closing = false;

	/** Reads what the store holds. A new store becomes this chain's, and gets a key of its own. */
	static async open(options: RelayCoreOptions): Promise<RelayCore> {
		const { store, chain, platform } = options;
		const notes = new Map(store.notes('').map(({ key, value }) => [key, value]));
		const found = notes.get('chain');
		if (found && fromUtf8(found) !== chain)
			throw new StorageError('wrong_chain', `Chain "${fromUtf8(found)}", expected "${chain}".`, { chain });
		const [secret, publicKey] = [notes.get('key/secret'), notes.get('key/public')];
		const before = secret && publicKey && { secret, publicKey, credential: notes.get('key/credential') };
		const keys: EnrolledKeys = before ?? (await platform.crypto.generateKeyPair());
		const enrolment = options.trust && (await enrolmentOf(options, options.trust));
		const pair = enrolment ? await enrolment.begin(keys) : keys;
		if (pair !== before) {
			const made: Note[] = [
				{ key: 'chain', value: utf8(chain) },
				{ key: 'key/secret', value: pair.secret },
				{ key: 'key/public', value: pair.publicKey },
			];
			if (pair.credential) made.push({ key: 'key/credential', value: pair.credential });
			await store.write({ epochs: [], runs: [], points: [], notes: made });
		}
		return new RelayCore(options, pair, notes.get('keeps'), enrolment);
	}

	private constructor(
		options: RelayCoreOptions,
		pair: EnrolledKeys,
		patterns: Uint8Array | undefined,
		enrolment: Enrolment | undefined,
	) {
		const { platform, store, limits, chain, name, role } = options;
		this.#o = options;
		this.#patience = new Knocks(limits.refusedPerSecond);
		this.platform = platform;
		this.store = store;
		this.#pair = pair;
		this.device = deviceIdOf(pair.publicKey, platform.crypto.sha256);
		this.keeping = new Keeping(store, platform.crypto.sha256);
		this.#enrolment = enrolment;
		const refused = new RefusedNotes(platform.crypto);
		this.rejections = new Rejections((rejection) => this.#note(refused, rejection));
		this.keeping.held.warden = enrolment?.warden;
		for (const { key } of store.notes(revokedNote)) this.#revoked.add(key.slice(revokedNote.length));
		if (enrolment) enrolment.warden.isRevoked = (of) => this.#revoked.has(of);
		const parts = { platform, store, keeping: this.keeping, rejections: this.rejections, limits };
		this.#intake = new RelayIntake({
			...parts,
			revoked: (device) => this.#revoke(device),
			grown: (ledger, epochs, forward) => this.peers.grown(ledger, epochs, forward),
		});
		this.#points = new PointIntake(parts);
		this.#above = new Above(store);
		this.#asks = new AskRoutes({
			donors: options.donors,
			isLinked: (peer, device) => this.peers.presence.isLinkedTo(peer, device),
			nowMs: () => platform.clock.nowMs(),
		});
		this.#patterns = new Set(patterns ? patternsField.read(createDecoder(patterns)) : []);
		const who = { chain, device: this.device, name, key: pair.publicKey, role };
		const me = (): Omit<Introduction, 'archive' | 'keeps'> => ({ ...who, credential: this.#pair.credential });
		const down = (): Introduction => ({ ...me(), archive: true, keeps: ['*'] });
		// The same box: what is here is no second copy (JRN11).
		const home = (): Introduction => ({ ...down(), archive: false });
		this.sides = {
			down: new RelaySide(this, down),
			up: new RelaySide(
				this,
				() => {
					this.#saidPatterns = this.#patterns.size;
					return { ...me(), archive: true, keeps: [...this.#patterns] };
				},
				this.#wanted,
			),
			home: new RelaySide(this, home),
		};
		this.peers = new Peers(this.sides.down);
	}

	get pair(): EnrolledKeys {
		return this.#pair;
	}

	/** Asks for a new credential for the same key: all peers hear of it now. Throws `BadArgument` where it does not do. */
	async renew(): Promise<void> {
		const enrolment = this.#enrolment;
		if (!enrolment) throw new BadArgument('credential', 'this chain has no root key.');
		const { pair } = await enrolment.ask(this.#pair);
		const notes: Note[] = [{ key: 'key/credential', value: pair.credential }];
		await this.store.write({ epochs: [], runs: [], points: [], notes });
		this.#pair = pair;
		this.peers.greet();
	}

	/** What a doctor is told of later. */
	#note(refused: RefusedNotes, { code, ledger, device = '', reason = '', atMs }: RelayRejection): void {
		const noted = code === 'not_allowed' ? refused.note({ ledger, device, reason, atMs }) : undefined;
		if (!noted) return;
		const notes: Note[] = [{ key: refusedNote + noted.slot, value: noted.value }];
		this.store.write({ epochs: [], runs: [], points: [], notes }).catch(this.#o.failed);
	}

	/** A relay folds nothing: what it was told it writes down by itself. */
	#revoke(device: DeviceId): void {
		if (!this.#enrolment || this.#revoked.has(device)) return;
		this.#revoked.add(device);
		const notes: Note[] = [{ key: revokedNote + device, value: noted }];
		this.store.write({ epochs: [], runs: [], points: [], notes }).catch(this.#o.failed);
		this.peers.dismiss((of) => this.#revoked.has(of));
	}

	/** Links to the relay above, which is told what the devices here keep. */
	connectUp(link: Link): () => void {
		this.#up = link;
		return this.peers.connect(link, { host: this.sides.up });
	}

	/** Whether the relay above is there, and each side knows what the other lacks. */
	get isUp(): boolean {
		for (const session of this.peers.sessions) if (session.inSync && session.via === this.#up?.kind) return true;
		return false;
	}

	/** Entries taken since it was opened, and on disk. */
	get entries(): number {
		return this.#intake.landed;
	}

	/** Rows of an epoch that headquarters has, as far as it is known. */
	above(epoch: EpochId): number {
		return Math.max(this.peers.tidings.reach.of('hq', epoch), this.#above.of(epoch));
	}

	/** Writes down what people want to read after a restart. */
	async remember(): Promise<void> {
		if (this.#up) await this.#above.save(this.keeping.epochs(), (epoch) => this.peers.tidings.reach.of('hq', epoch));
	}

	holdingOf(ledger: KeptLedger): Holding {
		const { counts } = ledger;
		const known = this.#holdings.get(counts);
		if (known) return known;
		const { sha256 } = this.platform.crypto;
		const point = ledger.point?.id ?? nothing;
		const chains: Chains = {
			mark: (at) => this.mark(ledger.name, at),
			prev: (epoch) => this.keeping.get(epoch)?.record.prev ?? ledger.point?.covers.get(epoch)?.prev,
		};
		let digest: Uint8Array | undefined;
		const holding = {
			counts,
			// Asked for at greetings only.
			get digest() {
				digest ??= digestOf(counts, chains, point, sha256);
				return digest;
			},
		};
		this.#holdings.set(counts, holding);
		return holding;
	}

	mark(ledger: LedgerName, at: Position): Uint8Array | undefined {
		const hash = this.reading(() => this.keeping.hashAt(ledger, at));
		return hash && markOf(hash);
	}

	/** Said once of an epoch: whoever is told so by many peers knows no more by it. */
	forked(session: PeerSession, ledger: LedgerName, epoch: EpochId): void {
		if (this.#forked.has(epoch)) return;
		this.#forked.add(epoch);
		const [device, reason] = [this.keeping.ancestor(epoch)?.device, `other rows at ${session.peer?.name ?? ''}`];
		this.rejections.add({ code: 'fork', ledger, device, reason, atMs: this.platform.clock.nowMs() });
	}

	reading<T>(read: () => T): T | undefined {
		try {
			return read();
		} catch (error) {
			if (!this.#closing) this.#o.failed(error);
			return undefined;
		}
	}

	/** Takes an update; when it is on disk, passes it on and answers what to acknowledge (SYN2). */
	async receive(from: PeerSession, update: UpdateFrame, frame: Uint8Array): Promise<Received> {
		if (this.#closing) throw new Closed();
		this.#receiving++;
		try {
			const taken = await this.#intake.receive(update, from, frame);
			if (taken.acks.length > 0) this.acks++;
			if (taken.refused) this.#tire(from);
			this.#noteWays(from, taken.acks);
			return taken;
		} finally {
			this.#receiving--;
			if (this.#receiving === 0) this.#idle();
		}
	}

	/** Whoever brings nothing but what is refused is not listened to for long: honest tills wait meanwhile. */
	#tire(from: PeerSession): void {
		const device = from.peer?.device;
		if (device === undefined || this.#patience.allow(device, this.platform.clock.nowMs())) return;
		this.#o.crossed?.(from);
		for (const session of this.peers.sessions) if (session === from) session.close('too_much');
	}

	#noteWays({ peer }: PeerSession, positions: readonly Position[]): void {
		if (!peer) return;
		for (const { epoch } of positions) {
			const author = this.keeping.ancestor(epoch)?.device;
			if (author !== undefined) this.#asks.note(author, peer.device);
		}
	}

	async receiveCheckpoint(bytes: Uint8Array): Promise<void> {
		if (this.#closing) throw new Closed();
		const ledger = await this.#points.receive(bytes);
		if (ledger !== undefined) this.peers.pointed(ledger);
	}

	passAsk(from: PeerSession, ask: ShareAsk): void {
		this.#asks.pass(from, ask, this.peers.primaries());
	}

	/** What a device keeps, its store's relay wants too: headquarters sends a store no more than that. */
	changed(changed: PeerSession): void {
		const { peer } = changed;
		if (changed.inSync) this.#o.met(changed);
		if (this.#closing) return;
		if (peer && (peer.role === 'device' || !peer.keeps.includes('*'))) this.#notePatterns(peer.keeps);
		if (this.#saidPatterns === this.#patterns.size) return;
		for (const session of this.peers.sessions) if (session.peer && session.via === this.#up?.kind) session.greet();
	}

	#notePatterns(patterns: readonly string[]): void {
		const before = this.#patterns.size;
		let bytes = utf8([...this.#patterns].join()).length;
		for (const pattern of patterns) {
			if (this.#patterns.size >= patternsMax || [...this.#patterns].some((wide) => includes(wide, pattern))) continue;
			bytes += utf8(pattern).length + 1;
			if (bytes <= patternsBytesMax) this.#patterns.add(pattern);
		}
		if (this.#patterns.size === before) return;
		const value = encoded((to) => patternsField.write(to, [...this.#patterns]));
		this.store.write({ epochs: [], runs: [], points: [], notes: [{ key: 'keeps', value }] }).catch(this.#o.failed);
	}

	/**
	 * The topmost relay has all that there is. Any other has it once headquarters has said so: from then on it comes here with
	 * whatever else is new.
	 */
	hasAll(ledger: LedgerName): boolean {
		if (!this.#up || this.#told.has(ledger)) return true;
		const upward = [...this.peers.sessions].filter(({ via }) => via === this.#up?.kind);
		const kept = this.keeping.ledger(ledger);
		for (const session of upward) {
			const told = session.toldAll(ledger);
			if (!told || ![...told].every(([epoch, count]) => (kept?.have(epoch) ?? 0) >= count)) continue;
			this.#wanted.delete(ledger);
			this.#told.add(ledger);
			return true;
		}
		if (!this.#wanted.has(ledger) && this.#wanted.size < wantedMax && keeps([...this.#patterns], ledger)) {
			this.#wanted.add(ledger);
			for (const session of upward) session.askForAll();
		}
		return false;
	}

	lost(session: PeerSession, ledger: LedgerName, positions: readonly Position[], theirs: boolean): void {
		if (theirs) return;
		const kept = this.keeping.ledger(ledger);
		const entries = positions.reduce((sum, at) => sum + Math.max(0, at.count - (kept?.have(at.epoch) ?? 0)), 0);
		if (entries === 0) return;
		this.#o.restored(session, ledger, entries);
	}

	refused(from: PeerSession, code: FrameRefusal, error?: unknown): void {
		if (this.#closing) return;
		// Our own disk's failure is nobody's fault.
		if (error instanceof StorageError) {
			this.#o.failed(error);
			return;
		}
		const atMs = this.platform.clock.nowMs();
		this.rejections.add({ code, ledger: '', device: from.peer?.device, atMs, error });
		if (error !== undefined && code === 'bad_frame') this.#o.failed(error);
		if (code === 'bad_frame' || code === 'not_allowed') this.#tire(from);
	}

	/** Takes no more, and waits for what is on its way to disk: it is acknowledged yet. */
	async settle(): Promise<void> {
		this.#closing = true;
		if (this.#receiving > 0)
			await new Promise<void>((resolve) => {
				this.#idle = resolve;
			});
	}
}
