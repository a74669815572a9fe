import type { Link, LinkSource, Meeting } from '../../src/ports/link.js';
import type { Timers } from '../../src/ports/platform.js';

/** What a source finds where there is one peer, as one link: so that the links of a source run the suite of links. */
export function sourceAsLink(source: LinkSource, device: string, timers: Timers): Link {
	return {
		kind: source.kind,
		start(events) {
			const meeting: Meeting = {
				chain: 'chain',
				device,
				name: device,
				timers,
				signals: { peers: () => [], watch: () => () => {}, send: () => {}, listen: () => () => {} },
				found(link) {
					link.start(events);
					return () => link.stop();
				},
			};
			source.discover(meeting);
		},
		stop: () => source.stop(),
	};
}
