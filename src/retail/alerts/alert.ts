import type { DeviceId, LedgerName, StoreId } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { Stamped } from '../../ledger/written.js';
import { storeOf } from '../shop/ledgers.js';
import type { Head } from '../shop/writing.js';

/** What the shop tells of by itself; a vendor's own kinds are named `vendor.kind`. */
export type AlertKind = 'low-stock' | 'large-refund' | 'task' | 'till-silent' | `${string}.${string}`;

/** Something that somebody wants to hear of. */
export interface Alert {
	/** By what happened, not by who noticed it: the same on every device, and on every retry. */
	readonly id: string;
	readonly kind: AlertKind;
	/** What it is about: a product, a receipt, a task, a till. */
	readonly subject: string;
	readonly store: StoreId;
	/** When it was first noticed, in milliseconds since 1970. */
	readonly atMs: number;
	/** Units, minor units or milliseconds of it. */
	readonly amount?: number;
	readonly summary?: string;
	readonly ext?: Readonly<Record<string, Json>>;
}

/** An alert, and who is done with it. */
export interface Raised {
	readonly alert: Alert;
	readonly ledger: LedgerName;
	/** Names of consumers. */
	readonly consumed: ReadonlySet<string>;
}

/** ---- the log `alert/<id>` in `desk/<store>` ---- */

export interface AlertRaised extends Head {
	readonly verb: 'alert.raise';
	readonly kind: AlertKind;
	readonly subject: string;
	readonly amount?: number;
	readonly summary?: string;
}

export interface AlertConsumed extends Head {
	readonly verb: 'alert.consume';
	readonly consumer: string;
}

export type AlertDocument = AlertRaised | AlertConsumed;

/** Raised by several, it happened once: the first to say so is quoted. */
export function foldAlert(
	id: string,
	entries: readonly Stamped<AlertDocument>[],
	ledger: LedgerName,
): Raised | undefined {
	let alert: Alert | undefined;
	const consumed = new Set<string>();
	for (const { value, atMs } of entries) {
		if (value.verb === 'alert.consume') {
			consumed.add(value.consumer);
			continue;
		}
		const { kind, subject, amount, summary, ext } = value;
		alert ??= {
			id,
			kind,
			subject,
			store: storeOf(ledger),
			atMs,
			...(amount !== undefined && { amount }),
			...(summary !== undefined && { summary }),
			...(ext !== undefined && { ext }),
		};
	}
	return alert && { alert, ledger, consumed };
}

/** Something that a device noticed, and that others may notice as well. */
export interface Noticed {
	/** By what happened, without the kind. */
	readonly what: string;
	readonly kind: AlertKind;
	readonly subject: string;
	readonly amount?: number;
	readonly summary?: string;
	/** Where it happened: that device says so at once, others only where it does not. */
	readonly device?: DeviceId;
}

export const alertId = ({ kind, what }: Pick<Noticed, 'kind' | 'what'>) => `${kind}:${what}`;
