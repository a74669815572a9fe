import type { FailureCode } from '../../src/base/errors.js';
import type { WrongCode } from '../../src/inspect/audit-wrongs.js';
import type { Finding, Trouble } from '../../src/inspect/diagnosis.js';
import type { PoolEvent } from '../../src/inspect/pool-story.js';
import type { TrustTexts } from './trust/texts.js';

export type CommandName =
	| 'export'
	| 'verify-log'
	| 'doctor'
	| 'explain'
	| 'chain init'
	| 'chain store'
	| 'chain device'
	| 'enrol serve'
	| 'enrol renew'
	| 'enrol answer';

/** What was found, what it means, and what to do next. */
export interface Advice {
	readonly what: string;
	readonly next: string;
}

export interface DeskTexts {
	readonly usage: string;
	readonly options: string;
	readonly required: string;
	readonly about: Readonly<Record<CommandName, readonly string[]>>;
	/** By the option, or by command and option where it says something of its own. */
	readonly optionHelp: Readonly<Record<string, string>>;
	/** Which words may follow the first. */
	readonly sub: (group: string, names: readonly string[]) => string;
	readonly seeHelp: (command: string) => string;
	readonly failed: (why: string) => string;
	/** What to do next about a failure, beyond what its message says. */
	readonly advice: Readonly<Partial<Record<FailureCode, string>>>;
	readonly expected: { readonly date: string; readonly count: string; readonly format: string };
	readonly file: {
		readonly exists: (file: string) => string;
		readonly missing: (file: string) => string;
	};
	readonly trust: TrustTexts;
	readonly exported: (rows: number, epochs: number, file: string) => string;
	readonly verify: {
		readonly progress: (rows: number, percent: number) => string;
		readonly good: string;
		readonly byRight: string;
		readonly rightsUnknown: string;
		readonly bad: string;
		readonly chain: string;
		readonly time: string;
		readonly all: string;
		readonly counts: (counts: { rows: number; epochs: number; seals: number }) => string;
		readonly unsealed: (rows: number) => string;
		readonly covered: (rows: number, ledger: string, checkpoint: string) => string;
		readonly notHere: (epochs: number) => string;
		readonly wrong: Readonly<Record<WrongCode, string>>;
		readonly where: {
			readonly line: (line: number) => string;
			readonly epoch: string;
			readonly row: string;
			readonly ledger: string;
			readonly device: string;
			readonly field: string;
			readonly said: string;
			readonly is: string;
			readonly why: string;
		};
	};
	readonly doctor: {
		readonly till: string;
		readonly relay: string;
		readonly chain: string;
		readonly device: string;
		readonly size: string;
		readonly sound: string;
		readonly counts: (errors: number, warnings: number, notes: number) => string;
		readonly severity: Readonly<Record<Finding['severity'], string>>;
		readonly next: string;
		readonly troubles: Readonly<Record<Trouble, (finding: Finding) => Advice>>;
		readonly ledgers: readonly [string, string, string, string, string, string];
		readonly running: string;
	};
	readonly explain: {
		readonly sums: (of: {
			minted: number;
			spent: number;
			held: number;
			left: number;
			overdrawn: number;
		}) => readonly string[];
		readonly has: (name: string, amount: number) => string;
		readonly nobody: string;
		readonly holders: readonly [string, string, string, string, string, string];
		readonly events: string;
		readonly more: (count: number) => string;
		readonly dropped: (rows: number) => string;
		readonly noEvents: string;
		readonly event: (event: PoolEvent) => string;
		readonly by: (people: string) => string;
		readonly unknown: (name: string) => string;
		readonly nearest: string;
		readonly empty: string;
	};
}
