import type { Frame, FrameKind } from './frames.js';

/** Frames of one kind that are looked at in one second; and so many at once where it was quiet before. */
const perSecond = 20;
const burst = 100;

/** What costs more to answer than to ask. An honest peer sends each of these a few times a second at the most. */
const costly: ReadonlySet<FrameKind> = new Set(['hello', 'proof', 'digests', 'heads', 'lost', 'peers', 'point']);

/** Lets in so many costly frames of each kind; one that is not let in is as good as lost, and an honest peer repeats it. */
export class Turnstile {
	readonly #left = new Map<FrameKind, { count: number; atMs: number }>();

	/** Another line begins: whoever comes again and again waits for the link. */
	reset(): void {
		this.#left.clear();
	}

	lets(frame: Frame, nowMs: number): boolean {
		// Of a checkpoint only the first piece: the others are bounded by it.
		if (!costly.has(frame.kind) || (frame.kind === 'point' && frame.from > 0)) return true;
		const left = this.#left.get(frame.kind) ?? { count: burst, atMs: nowMs };
		this.#left.set(frame.kind, left);
		// A clock that was set back refills nothing, and goes on from there.
		left.count = Math.min(burst, left.count + (Math.max(0, nowMs - left.atMs) * perSecond) / 1000);
		left.atMs = nowMs;
		if (left.count < 1) return false;
		left.count--;
		return true;
	}
}
