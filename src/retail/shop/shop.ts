import { toHex, utf8 } from '../../base/bytes.js';
import { BadArgument, TillmeshError } from '../../base/errors.js';
import type { DeviceId, LedgerName, StoreId } from '../../base/ids.js';
import type { Family } from '../../ledger/books.js';
import { canonicalJson, type Json } from '../../ledger/collections.js';
import type { Ledger } from '../../ledger/ledger.js';
import { createLive, type Live, type WaitOptions } from '../../ledger/live.js';
import type { Refused } from '../../ledger/outcome.js';
import type { Tx } from '../../ledger/tx.js';
import type { Platform } from '../../ports/index.js';
import { BusinessDay, type DaySettings, type IsoDate } from './business-day.js';
import { checkNoCards } from './card-numbers.js';
import { checkName } from './check.js';
import type { ExceptionSource } from './exceptions.js';
import { FamilyWatch } from './family-watch.js';
import type { Host } from './host.js';
import { Index, type IndexParts } from './index-of.js';
import { type LedgerKind, ledgers } from './ledgers.js';
import { type Limits, noLimits } from './limits.js';
import type { Currency, Rounding } from './money.js';
import { type Declined, type Outcome, outcomeOf, type Warning } from './outcome.js';
import type { Locale } from './refusals.js';
import { StoreClock } from './store-clock.js';
import type { Verb } from './verbs.js';
import type { Head, MaybeKeyed, StaffId, WriteOptions, Writing } from './writing.js';

export type { Head, MaybeKeyed, StaffId, WriteOptions, Writing } from './writing.js';

export interface ShopSettings extends DaySettings {
	readonly chain: string;
	readonly store: StoreId;
	readonly currency: Currency;
	/** How a fraction of a minor unit is rounded: of taxes, of weighed goods, of percentages. */
	readonly rounding: Rounding;
	readonly locale: Locale;
	/** Taxes that lines name are `included` in prices (default), or `added` to the bill. */
	readonly taxes?: 'included' | 'added';
	/** The grid of appointments in minutes: what begins or ends within a cell takes all of it. 15 by default. */
	readonly slotMinutes?: number;
}

/** A family of cells, typed. To set them see `say`. */
export interface Values<T> {
	get(key: string): T | undefined;
	keys(): readonly string[];
	live(key: string): Live<T | undefined>;
}

const extBytesMax = 2 * 1024;
const idBytes = 10;
/** How long somebody at the counter waits for what is not kept here. */
const bringMs = 2_000;

/** What all capabilities of one till stand on: its replica, its clock, its store's settings, and the one way to write. */
export class Shop {
	readonly host: Host;
	readonly platform: Platform;
	readonly settings: ShopSettings;
	readonly days: BusinessDay;
	/** Whose name stands under what is written, unless the call says otherwise. */
	readonly staff: StaffId | undefined;
	readonly #shared: Map<string, unknown>;
	readonly #clock: StoreClock;

	constructor(host: Host, platform: Platform, settings: ShopSettings, from?: Shop, staff?: StaffId) {
		this.host = host;
		this.platform = platform;
		this.settings = settings;
		this.days = from?.days ?? new BusinessDay(settings);
		this.#shared = from ? from.#shared : new Map();
		this.staff = staff;
		this.#clock = this.shared('clock', () => new StoreClock(host, platform.clock));
	}

	/** The same shop, every write signed off by this person. */
	as(staff: StaffId): Shop {
		checkName('staff', staff);
		return new Shop(this.host, this.platform, this.settings, this, staff);
	}

	get store(): StoreId {
		return this.settings.store;
	}

	get device(): DeviceId {
		return this.host.device;
	}

	/** Milliseconds since 1970, by this till's clock as the store's relay sets it right. */
	nowMs(): number {
		return this.#clock.nowMs();
	}

	today(): IsoDate {
		return this.days.of(this.nowMs());
	}

	/** A fresh id: 80 random bits as hex. */
	id(): string {
		return toHex(this.platform.random.bytes(idBytes));
	}

	/** What each capability found that a person must look at; see `ExceptionSource`. */
	get exceptions(): Set<ExceptionSource> {
		return this.shared('exceptions', () => new Set<ExceptionSource>());
	}

	/** Who may do how much alone. */
	get limits(): Limits {
		return this.shared('limits', () => ({ now: noLimits })).now;
	}

	set limits(limits: Limits) {
		this.shared('limits', () => ({ now: noLimits })).now = limits;
	}

	/** Text that stands for exactly this content. */
	hash(content: Json): string {
		return toHex(this.platform.crypto.sha256(utf8(canonicalJson('content', content))).slice(0, 16));
	}

	ledger(name: LedgerName): Ledger {
		return this.host.ledger(name);
	}

	/** Is this ledger kept here? */
	keeps(name: LedgerName): boolean {
		try {
			this.host.ledger(name);
			return true;
		} catch (error) {
			if (error instanceof TillmeshError && error.code === 'unknown_ledger') return false;
			throw error;
		}
	}

	/** Each side knows what the other lacks: somebody can be asked. */
	get isLinked(): boolean {
		return this.host.sync.status.get().peers.some(({ inSync }) => inSync);
	}

	/** Fetches ledgers that are not kept here, where somebody is linked; from then on they are. False where not all came. */
	async bring(names: readonly LedgerName[], { timeoutMs = bringMs, signal }: WaitOptions = {}): Promise<boolean> {
		const missing = [...new Set(names)].filter((name) => !this.keeps(name));
		if (missing.length === 0) return true;
		if (!this.isLinked) return false;
		try {
			await this.host.keep(missing, { timeoutMs, ...(signal && { signal }) });
			return true;
		} catch (error) {
			if (error instanceof TillmeshError && (error.code === 'not_reached' || error.code === 'limit_exceeded'))
				return false;
			throw error;
		}
	}

	get stock(): Ledger {
		return this.ledger(ledgers.stock(this.store));
	}

	get desk(): Ledger {
		return this.ledger(ledgers.desk(this.store));
	}

	/** One object for all who ask by this name, over `as()` too: indexes, timers. */
	shared<T>(name: string, make: () => T): T {
		if (!this.#shared.has(name)) this.#shared.set(name, make());
		return this.#shared.get(name) as T; // the name says what it is
	}

	/** The index `of` the family of logs `logs` in all ledgers of a kind: one for all who ask by this name. */
	index<E, S>(
		of: string,
		kind: LedgerKind,
		logs: string,
		fold: IndexParts<E, S>['fold'],
		extend?: NonNullable<IndexParts<E, S>['extend']>,
	): Index<E, S> {
		const { host, platform } = this;
		const parts = { host, timers: platform.timers, ledgers: kind, logs, fold, ...(extend && { extend }) };
		return this.shared(`index ${of}`, () => new Index(parts));
	}

	/** A live value made of families of collections: read again after any of them changed. */
	live<T>(families: readonly Family[], read: () => T): Live<T> {
		const watches = families.map((family) =>
			this.shared(`watch ${family.ledgers} ${family.of}/${family.name}`, () => new FamilyWatch(this.host, family)),
		);
		return createLive({
			version: () => watches.reduce((sum, watch) => sum + watch.version, 0),
			read,
			timers: this.platform.timers,
			listen: (changed) => {
				const ends = watches.map((watch) => watch.listen(changed));
				return () => {
					for (const end of ends) end();
				};
			},
		});
	}

	/** Cells of a family as values of a type. */
	cells<T extends object>(ledger: LedgerName, name: string): Values<T> {
		return this.shared(`cells ${ledger} ${name}`, () => {
			const cells = this.ledger(ledger).cells<Json>(name);
			return {
				get: (key) => cells.get(key) as T | undefined, // what `say` wrote
				keys: () => cells.keys(),
				live: (key) => cells.at(key).value as Live<T | undefined>,
			};
		});
	}

	/**
	 * The one way to write. `input` is what the idempotency key stands for, and is searched for card numbers; `work` decides and
	 * writes, all of it or nothing, in one synchronous turn. It may use `no(...)` to refuse.
	 */
	async write<T>(verb: Verb, input: unknown, options: MaybeKeyed, work: (writing: Writing) => T): Promise<Outcome<T>> {
		checkNoCards('', input);
		if (options.approval !== undefined) await this.limits.ready(options.approval);
		const head = this.#head(verb, options);
		const warnings: Warning[] = [];
		const warn = (code: Warning['code'], subject: string) => void warnings.push({ code, subject });
		const { idempotencyKey, alongside } = options;
		const outcome = await this.host.commit(
			(tx) => {
				warnings.length = 0;
				if (this.#clock.offsetMs !== 0) warn('clock_skew', this.host.name);
				const kept: (() => void)[] = [];
				const value = work(this.#writing(tx, head, warn, (then) => void kept.push(then)));
				for (const then of kept) then();
				return value;
			},
			{
				...(idempotencyKey !== undefined && { idempotencyKey, input: { verb, input: input as Json } }),
				...(alongside !== undefined && { alongside }),
			},
		);
		return outcomeOf(outcome, this.settings.locale, warnings);
	}

	/** Like `write` for whatever moves money or goods: a key is demanded. */
	writeKeyed<T>(verb: Verb, input: unknown, options: WriteOptions, work: (writing: Writing) => T): Promise<Outcome<T>> {
		if (options?.idempotencyKey === undefined)
			return Promise.reject(new BadArgument('idempotencyKey', `${verb} demands one.`));
		return this.write(verb, input, options, work);
	}

	/** What `write` would refuse now; writes nothing. */
	rehearse(verb: Verb, options: MaybeKeyed, work: (writing: Writing) => unknown): Declined | undefined {
		const head = this.#head(verb, options);
		const refusal: Refused | undefined = this.host.rehearse((tx) =>
			work(
				this.#writing(
					tx,
					head,
					() => {},
					() => {},
				),
			),
		);
		const outcome = refusal && outcomeOf(refusal, this.settings.locale, []);
		return outcome && !outcome.ok ? outcome : undefined;
	}

	#writing(tx: Tx, head: Head, warn: Writing['warn'], kept: Writing['kept']): Writing {
		return {
			tx,
			head,
			warn,
			kept,
			append: (ledger, logs, id, document) =>
				tx.append(this.ledger(ledger).logs<Json>(logs).at(id), document as unknown as Json), // canonicalJson checks it
		};
	}

	#head(verb: Verb, { by = this.staff, note, ext, approval }: MaybeKeyed): Head {
		if (by !== undefined) checkName('by', by);
		if (note !== undefined && typeof note !== 'string') throw new BadArgument('note', 'expected a text.');
		if (ext !== undefined) checkExt(ext);
		if (note !== undefined || ext !== undefined) checkNoCards('', { note, ext });
		return {
			verb,
			v: 1,
			date: this.today(),
			...(by !== undefined && { by }),
			...(note !== undefined && { note }),
			...(ext !== undefined && { ext }),
			...(approval !== undefined && { approval }),
			...this.limits.beside(verb),
		};
	}
}

function checkExt(ext: Readonly<Record<string, Json>>): void {
	for (const field of Object.keys(ext))
		if (!/^[a-z0-9-]+\.[A-Za-z0-9_.-]+$/.test(field))
			throw new BadArgument(`ext.${field}`, 'expected a name such as vendor.field.');
	if (utf8(canonicalJson('ext', ext)).length > extBytesMax)
		throw new BadArgument('ext', `more than ${extBytesMax} bytes.`);
}
