import type { DeviceId, LedgerName } from '../base/ids.js';
import type { RunRefusal } from '../journal/admission.js';
import type { GateRefusal } from '../journal/gate.js';
import type { FrameRefusal } from '../sync/host.js';

export type RejectionCode =
	| GateRefusal
	| RunRefusal
	| 'bad_checkpoint'
	| FrameRefusal
	/** The device has brought more entries today than it may. */
	| 'device_quota'
	/** The ledger is as large as it may be. */
	| 'ledger_full';

/** Something a peer sent that was not taken. It changed nothing. */
export interface RelayRejection {
	readonly code: RejectionCode;
	readonly ledger: LedgerName;
	/** Whose journal it claimed to be of, or who sent it, where that is known. */
	readonly device: DeviceId | undefined;
	/** What was not allowed, `verb order.refund`; or who holds other rows. */
	readonly reason?: string | undefined;
	readonly atMs: number;
	/** What went wrong on the way, where it was not foreseen. */
	readonly error?: unknown;
}

const keptMax = 64;
/** How the notes begin that say what was not allowed. */
export const refusedNote = 'refused/';

/** Counted by code; the newest are kept for inspection. */
export class Rejections {
	readonly #counts = new Map<RejectionCode, number>();
	readonly #newest: RelayRejection[] = [];
	readonly #added: (rejection: RelayRejection) => void;

	/** `added` is told of each. */
	constructor(added: (rejection: RelayRejection) => void = () => {}) {
		this.#added = added;
	}

	get counts(): ReadonlyMap<RejectionCode, number> {
		return this.#counts;
	}

	get newest(): readonly RelayRejection[] {
		return this.#newest;
	}

	add(rejection: RelayRejection): void {
		this.#counts.set(rejection.code, (this.#counts.get(rejection.code) ?? 0) + 1);
		this.#newest.push(rejection);
		if (this.#newest.length > keptMax) this.#newest.shift();
		this.#added(rejection);
	}
}
