import type { DeviceId, LedgerName, StoreId } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import type { IsoDate } from '../shop/business-day.js';
import { storeOf } from '../shop/ledgers.js';
import type { ApprovalAsk } from '../shop/outcome.js';
import type { ApprovalId, StaffId } from '../shop/writing.js';
import type { ApprovalDocument } from './documents.js';

export type ApprovalState = 'asked' | 'approved' | 'denied' | 'used';
type ApprovalEvent = 'approve' | 'deny' | 'use';

/**
 * Two managers may decide apart, and clocks may be wrong: each event leads to the same state in whatever order they come.
 * A no stands over a yes, and what was used stays used.
 */
export const approvalMoves: Readonly<Record<ApprovalState, Readonly<Record<ApprovalEvent, ApprovalState>>>> = {
	asked: { approve: 'approved', deny: 'denied', use: 'used' },
	approved: { approve: 'approved', deny: 'denied', use: 'used' },
	denied: { approve: 'denied', deny: 'denied', use: 'used' },
	used: { approve: 'used', deny: 'used', use: 'used' },
};

/** A question to a manager, and what became of it. */
export interface Approval extends ApprovalAsk {
	readonly id: ApprovalId;
	readonly ledger: LedgerName;
	readonly store: StoreId;
	readonly state: ApprovalState;
	/** The till that asked: the yes is good there. */
	readonly from: DeviceId;
	/** Who asked. */
	readonly by?: StaffId;
	/** A yes is good on this business day. */
	readonly date: IsoDate;
	/** When it was asked, in milliseconds since 1970. */
	readonly atMs: number;
	/** Who said yes or no, on which device, and whether by a code. */
	readonly decided: readonly {
		readonly yes: boolean;
		readonly by?: StaffId;
		readonly device: DeviceId;
		readonly atMs: number;
		readonly code: boolean;
		/** A yes that stands alone. */
		readonly signed?: string;
	}[];
	readonly usedAtMs?: number;
}

export function foldApproval(
	id: ApprovalId,
	entries: readonly Stamped<ApprovalDocument>[],
	ledger: LedgerName,
): Approval | undefined {
	let asked: Omit<Approval, 'state' | 'decided'> | undefined;
	let state: ApprovalState = 'asked';
	let usedAtMs: number | undefined;
	const decided: Approval['decided'][number][] = [];
	for (const { value, device, atMs } of entries) {
		if (value.verb === 'approval.ask') {
			const { what, limit, asked: amount, summary, bindsTo, signedFor, date, by } = value;
			const ask = { verb: what, limit, asked: amount, summary, bindsTo, ...(signedFor !== undefined && { signedFor }) };
			// Another question under the id of one that somebody may be looking at is no honest till's: nobody agrees to either.
			if (asked && (asked.from !== device || asked.bindsTo !== bindsTo || asked.asked !== amount))
				state = approvalMoves[state].deny;
			asked ??= {
				...ask,
				id,
				ledger,
				store: storeOf(ledger),
				from: device,
				date,
				atMs,
				...(by !== undefined && { by }),
			};
			continue;
		}
		if (value.verb === 'approval.use') {
			state = approvalMoves[state].use;
			usedAtMs ??= atMs;
			continue;
		}
		const { yes, code = false, signed, by, manager = by } = value;
		state = approvalMoves[state][yes ? 'approve' : 'deny'];
		decided.push({
			yes,
			device,
			atMs,
			code,
			...(signed !== undefined && { signed }),
			...(manager !== undefined && { by: manager }),
		});
	}
	return asked && { ...asked, state, decided, ...(usedAtMs !== undefined && { usedAtMs }) };
}
