import type { Link } from '../../src/ports/link.js';

/** The same link; `changed` hears first of every up and last of every down. */
export function watched(link: Link, changed: (isUp: boolean) => void): Link {
	return {
		get kind() {
			return link.kind;
		},
		start(events) {
			link.start({
				up(end) {
					changed(true);
					events.up(end);
				},
				frame: (bytes) => events.frame(bytes),
				down() {
					events.down();
					changed(false);
				},
			});
		},
		stop: () => link.stop(),
	};
}
