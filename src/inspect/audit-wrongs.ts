import type { DeviceId, LedgerName } from '../base/ids.js';

/** What is wrong with an audit log. A code never changes its meaning. */
export const wrongs = {
	not_a_log: 'This is no audit log, or its first line was changed.',
	newer_version: 'The log has a form that this version does not know.',
	not_json: 'The line is no JSON.',
	line_changed: 'The line was changed: it does not say what the log was written with.',
	out_of_place: 'This line cannot stand here: lines were taken out, put in or moved.',
	unknown_line: 'A line of a kind that no log has.',
	epoch_name: 'The epoch is not of the device, ledger and segment that the line names.',
	opening: 'The first row of the epoch does not open it.',
	key: 'The key in the opening is not the key of the device: somebody else wrote under its name.',
	right: 'Whoever wrote this had no right to it.',
	bytes_changed: 'The bytes of the row are not those that were written: its place in the hash chain does not fit.',
	field_changed: 'What the line says of the row is not what its bytes say.',
	seal: 'These rows are not what the device has signed.',
	unsealed: 'No signature of the device stands under these rows.',
	checkpoint: 'The checkpoint is not what its home has signed.',
	rows_missing: 'Rows are missing at the end of the epoch: a later one goes on after them.',
	epoch_missing: 'A whole epoch is missing: a later one goes on after it.',
	history_edited: 'The epoch goes on after other rows than those in this log.',
	cut_off: 'The log ends before its last line.',
	after_end: 'Something stands after the last line.',
	digest: 'Lines were taken out, put in or changed: the sum of the log in its last line does not fit.',
} as const;

export type WrongCode = keyof typeof wrongs;

/** The first thing that is wrong. */
export interface Wrong {
	readonly code: WrongCode;
	/** From 1. */
	readonly line: number;
	readonly epoch?: string;
	readonly ledger?: LedgerName;
	readonly device?: DeviceId;
	/** How people call the device, by its opening. */
	readonly name?: string;
	readonly row?: number;
	/** The first of several rows; `row` is the last. */
	readonly fromRow?: number;
	readonly field?: string;
	readonly said?: string;
	readonly is?: string;
	/** What there was no right to: `verb order.refund`, `write`; or what is wrong with the credential. */
	readonly why?: string;
}
