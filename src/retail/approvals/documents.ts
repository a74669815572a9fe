import type { ApprovalAsk } from '../shop/outcome.js';
import type { Head, StaffId } from '../shop/writing.js';

/** ---- the log `approval/<id>` in `desk/<store>`; all of it stays, for whoever audits ---- */

/** Made together with the one unit of the pool `approval` that a yes is spent by. */
export interface ApprovalAsked extends Head, ApprovalAsk {
	readonly verb: 'approval.ask';
	/** What it is for; `verb` is taken. */
	readonly what: string;
	readonly asked: number;
}

export interface ApprovalDecided extends Head {
	readonly verb: 'approval.decide';
	readonly yes: boolean;
	/** Typed in at the till that asked, with no line to the manager. */
	readonly code?: true;
	/** The yes itself, where the question asks for one that stands alone. */
	readonly signed?: string;
	/** Who agreed, where it is not who wrote it. */
	readonly manager?: StaffId;
}

export interface ApprovalUsed extends Head {
	readonly verb: 'approval.use';
	readonly what: string;
}

export type ApprovalDocument = ApprovalAsked | ApprovalDecided | ApprovalUsed;
