import type { RelayStatus, WaitingEntries } from '../status.js';

/**
 * Whether somebody who stands before the box may switch it off. What was acknowledged is on its disk in every case; the
 * question is whether others have it too.
 *
 * - `yes`: everything has reached the next one up, or there is none.
 * - `wait`: something is on this disk alone, and goes up once the line is there.
 * - `no`: the disk does not write any more, so what tills bring now is kept by the tills alone.
 */
export type PowerOffAdvice =
	| { readonly answer: 'yes' }
	| { readonly answer: 'wait'; readonly waiting: WaitingEntries; readonly up: boolean }
	| { readonly answer: 'no' };

export function powerOffAdvice(status: RelayStatus): PowerOffAdvice {
	if (!status.disk.ok) return { answer: 'no' };
	const { upstream } = status;
	if (upstream && upstream.waiting.entries > 0) return { answer: 'wait', waiting: upstream.waiting, up: upstream.up };
	return { answer: 'yes' };
}
