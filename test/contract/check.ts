/** As much of an assertion library as the suites need, so that they run under any test runner and in a bare page. */

export function check(holds: boolean, what: string): asserts holds {
	if (!holds) throw new Error(what);
}

/** Equal by content: primitives, arrays, plain objects, byte arrays. */
export function checkSame(actual: unknown, expected: unknown, what: string): void {
	const [got, wanted] = [show(actual), show(expected)];
	check(got === wanted, `${what}: expected ${cut(wanted)}, got ${cut(got)}`);
}

function show(value: unknown): string {
	return (
		JSON.stringify(value, (_, inner) => (inner instanceof Uint8Array ? `bytes ${inner.join(' ')}` : inner)) ??
		'undefined'
	);
}

const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}... (${text.length})` : text);

/** What the promise rejects with; fails where it resolves. */
export async function failureOf(promise: Promise<unknown>, what: string): Promise<Error & { code?: unknown }> {
	let answer: unknown;
	try {
		answer = await promise;
	} catch (error) {
		check(error instanceof Error, `${what}: rejected with something that is no Error: ${String(error)}`);
		return error;
	}
	throw new Error(`${what}: should be refused, but answered ${cut(show(answer))}`);
}

/** Waits in real time until `holds`; fails after `withinMs`. */
export async function until(holds: () => boolean, what: string, withinMs = 5_000): Promise<void> {
	for (const end = Date.now() + withinMs; !holds(); ) {
		check(Date.now() < end, `${what}: not within ${withinMs} ms`);
		await pause(1);
	}
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A small generator (mulberry32): the same seed gives the same numbers from 0 up to 1 everywhere. */
export function seeded(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
