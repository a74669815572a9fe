import type { CommitId, DeviceId } from '../../../src/base/ids.js';
import type { WriteBatch } from '../../../src/ports/storage.js';
import type { RowBatch } from '../../../src/relay/row-store.js';
import type { Chain, Witness } from '../machines/chain.js';
import type { RelayBox } from '../machines/relay-box.js';
import type { Till } from '../machines/till.js';
import type { FaultName } from '../story/plan.js';
import { observers } from './index.js';
import type { Answer, Court, Observer, RowPlace } from './observer.js';
import { Truth } from './truth.js';

/** Holds a world against all properties: shows its observers what happens, and keeps the first violation. */
export class Judge implements Court, Witness {
	readonly chain: Chain;
	readonly truth = new Truth();
	readonly tainted = new Set<DeviceId>();
	/** How often each property was in play. */
	readonly inPlay = new Map<number, number>();
	/** The first; nothing after it counts. */
	violation: { readonly property: number; readonly message: string } | undefined;
	readonly #observers: readonly Observer[];

	constructor(chain: Chain) {
		this.chain = chain;
		this.#observers = observers.map((make) => make(this));
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
		const { rewritten } = this.truth.take(batches);
		this.demand(
			19,
			rewritten === undefined,
			() => `${till.name} has another row at ${rewritten} than was there before`,
		);
		for (const observer of this.#observers) observer.synced?.(till, batches);
	}

	relaySynced(box: RelayBox, batches: readonly RowBatch[]): void {
		for (const observer of this.#observers) observer.relaySynced?.(box, batches);
	}

	sent(from: string, frame: Uint8Array): void {
		for (const observer of this.#observers) observer.sent?.(from, frame);
	}

	answered(answer: Answer): void {
		for (const observer of this.#observers) observer.answered?.(answer);
	}

	crashed(till: Till): void {
		for (const observer of this.#observers) observer.crashed?.(till);
	}

	opened(till: Till): void {
		for (const observer of this.#observers) observer.opened?.(till);
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
