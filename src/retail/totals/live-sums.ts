import { createLive, type Live } from '../../ledger/live.js';
import type { Timers } from '../../ports/index.js';

export interface SumsParts<S, R> {
	readonly timers: Timers;
	/** Another number after every change. */
	version(): number;
	/** Summed up from nothing. */
	count(): S;
	/** Adds to the sums, and takes off them, what comes and goes. */
	follow(sums: S, changed: () => void): () => void;
	rows(sums: S): R;
}

/** A live value of sums: while somebody listens, each fact costs what it changes and no recount. */
export function liveSums<S, R>({ timers, version, count, follow, rows }: SumsParts<S, R>): Live<R> {
	const listeners = new Set<() => void>();
	let followed: { readonly sums: S; readonly end: () => void } | undefined;
	const begin = () => {
		const sums = count();
		const changed = () => {
			for (const listener of [...listeners]) listener();
		};
		return { sums, end: follow(sums, changed) };
	};
	return createLive({
		version,
		read: () => rows(followed ? followed.sums : count()),
		timers,
		listen: (changed) => {
			const listener = () => changed();
			listeners.add(listener);
			followed ??= begin();
			return () => {
				listeners.delete(listener);
				if (listeners.size > 0) return;
				followed?.end();
				followed = undefined;
			};
		},
	});
}
