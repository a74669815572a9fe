import type { Link } from '../../../src/ports/index.js';

/** What becomes of each frame on its way: none, itself, another, several. */
export interface Tap {
	readonly out?: (frame: Uint8Array) => readonly Uint8Array[];
	readonly in?: (frame: Uint8Array) => readonly Uint8Array[];
}

/** A line that leaves the process, and whoever sits on it. */
export function tapped(link: Link, tap: Tap = {}): Link {
	const { out = (frame) => [frame], in: into = (frame) => [frame] } = tap;
	return {
		kind: link.kind,
		stop: () => link.stop(),
		start: (events) =>
			link.start({
				up: (end) =>
					events.up({
						send: (frame) => out(frame).every((each) => end.send(each)),
						close: () => end.close(),
					}),
				frame: (frame) => {
					for (const each of into(frame)) events.frame(each);
				},
				down: () => events.down(),
			}),
	};
}
