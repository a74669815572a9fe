import { cliTexts } from '../../relay/cli/texts.js';
import { Wrong } from '../../relay/cli/words.js';
import type { Call } from '../call.js';

/** A whole number from 1 that an option gives. */
export function countOf(call: Call, option: string, otherwise: number): number {
	const text = call.option(option);
	if (text === undefined) return otherwise;
	if (!/^[1-9]\d{0,4}$/.test(text))
		throw new Wrong(cliTexts[call.language].wrong.value(`--${option}`, text, call.texts.expected.count));
	return Number(text);
}

export const daysOf = (call: Call, otherwise: number): number => countOf(call, 'days', otherwise);
