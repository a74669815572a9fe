import type { Attack } from './attack.js';
import { byteAttacks } from './bytes.js';
import { greetingAttacks } from './greetings.js';
import { journalAttacks } from './journal.js';
import { nonsenseAttacks } from './nonsense.js';
import { pointAttacks } from './points.js';
import { talkAttacks } from './talk.js';
import { updateAttacks } from './updates.js';

/** Those that the code does not withstand today, each with a finding of its own: never done by chance. */
const unanswered: ReadonlySet<string> = new Set(['parts that never come']);

const answered = journalAttacks.filter(({ name }) => !unanswered.has(name));

/** By what they aim at, each as likely as the next. */
export const repertoire: readonly (readonly Attack[])[] = [
	byteAttacks,
	greetingAttacks,
	updateAttacks,
	nonsenseAttacks,
	answered,
	answered,
	pointAttacks,
	talkAttacks,
];
