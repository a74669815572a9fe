import type { Records } from '../../../adapters/storage-memory/records.js';
import type { CommitId, DeviceId, LedgerName, PoolId } from '../../../src/base/ids.js';
import type { Outcome, Tier } from '../../../src/ledger/outcome.js';
import type { WriteBatch } from '../../../src/ports/storage.js';
import type { RowBatch } from '../../../src/relay/row-store.js';
import type { Chain, Witness } from '../machines/chain.js';
import type { RelayBox } from '../machines/relay-box.js';
import type { Till } from '../machines/till.js';
import type { FaultName } from '../story/plan.js';
import type { Answer, Court, MakeObserver, Mistake, Observer, RowPlace, Wait } from './observer.js';
import { type TrueEpoch, Truth } from './truth.js';

type Often = 'synced' | 'relaySynced' | 'sent';

/** Holds a world against all properties: shows its observers what happens, and keeps the first violation. */
export class Judge implements Court, Witness {
	readonly chain: Chain;
	readonly seed: number;
	readonly truth = new Truth();
	readonly tainted = new Set<DeviceId>();
	readonly strangers = new Set<DeviceId>();
	/** How often each property was in play. */
	readonly inPlay = new Map<number, number>();
	/** The first; nothing after it counts. */
	violation: { readonly property: number; readonly message: string } | undefined;
	readonly #observers: readonly Observer[];
	/** Those who look at what happens all the time; the others need not be asked whether they do. */
	readonly #of: { readonly [H in Often]: readonly Pick<Observer, H>[] };

	constructor(chain: Chain, seed: number, watch: readonly MakeObserver[]) {
		this.chain = chain;
		this.seed = seed;
		this.#observers = watch.map((make) => make(this));
		const of = (hook: Often) => this.#observers.filter((observer) => observer[hook]);
		this.#of = { synced: of('synced'), relaySynced: of('relaySynced'), sent: of('sent') };
	}

	play(property: number, times = 1): void {
		this.inPlay.set(property, (this.inPlay.get(property) ?? 0) + times);
	}

	demand(property: number, holds: boolean, message: () => string): void {
		if (!holds) this.violation ??= { property, message: message() };
	}

	placesOf(till: Till, commit: CommitId): readonly RowPlace[] {
		if (commit === '') return []; // nothing had to be written
		const [, epochText = '', indexText = ''] = commit.split('.');
		const written = this.truth.epochs.get(Number.parseInt(epochText, 36));
		const index = Number(indexText);
		const entry = written?.entries[index];
		this.demand(6, entry !== undefined, () => `${till.name} confirmed ${commit}, which is on no disk`);
		if (!written || !entry) return [];
		return [{ ledger: written.ledger, epoch: written.id, index }, ...entry.parts];
	}

	// ---- what happens ----

	synced(till: Till, batches: readonly WriteBatch[]): void {
		const { fresh, rewritten } = this.truth.take(batches);
		const own = till.running?.device;
		for (const { written, index } of fresh)
			if (index === 0 && own !== undefined && written.device !== own) this.strangers.add(written.device);
		if (rewritten) this.#rewritten(till, rewritten);
		for (const observer of this.#of.synced) observer.synced?.(till, batches, fresh);
	}

	/** Two rows at one place: what nobody does but who means harm, and then each side keeps what it got first. */
	#rewritten(till: Till, { id, device, ledger }: TrueEpoch): void {
		this.truth.doubled.add(id);
		const isStranger = this.strangers.has(device);
		this.demand(19, isStranger, () => `${till.name} has another row of ${id} in ${ledger} than was there before`);
	}

	relaySynced(box: RelayBox, batches: readonly RowBatch[]): void {
		for (const observer of this.#of.relaySynced) observer.relaySynced?.(box, batches);
	}

	sent(from: string, frame: Uint8Array): void {
		for (const observer of this.#of.sent) observer.sent?.(from, frame);
	}

	answered(answer: Answer): void {
		for (const observer of this.#observers) observer.answered?.(answer);
	}

	reached(answer: Answer, tier: Tier): void {
		for (const observer of this.#observers) observer.reached?.(answer, tier);
	}

	/** Answers whom to tell what came of it. */
	spending(till: Till, ledger: LedgerName, pool: PoolId): (outcome: Outcome<unknown>) => void {
		const told = this.#observers.map((observer) => observer.spending?.(till, ledger, pool));
		return (outcome) => {
			for (const tell of told) tell?.(outcome);
		};
	}

	intruded(till: Till, got: unknown, before: Records): void {
		for (const observer of this.#observers) observer.intruded?.(till, got, before);
	}

	crashed(till: Till): void {
		for (const observer of this.#observers) observer.crashed?.(till);
	}

	opened(till: Till): void {
		for (const observer of this.#observers) observer.opened?.(till);
	}

	notOpened(till: Till): void {
		for (const observer of this.#observers) observer.notOpened?.(till);
	}

	joined(till: Till): void {
		for (const observer of this.#observers) observer.joined?.(till);
	}

	mistaken(mistake: Mistake): void {
		for (const observer of this.#observers) observer.mistaken?.(mistake);
	}

	waited(wait: Wait): void {
		for (const observer of this.#observers) observer.waited?.(wait);
	}

	goingHome(till: Till): void {
		for (const observer of this.#observers) observer.goingHome?.(till);
	}

	sentHome(till: Till): void {
		for (const observer of this.#observers) observer.sentHome?.(till);
	}

	faulted(fault: FaultName, till: Till | undefined): void {
		for (const observer of this.#observers) observer.faulted?.(fault, till);
	}

	stepped(actor: Till | undefined): void {
		for (const observer of this.#observers) observer.stepped?.(actor);
	}

	ended(): void {
		for (const observer of this.#observers) observer.ended?.();
	}
}
