import type { RelayStatus } from '../status.js';

export interface Health {
	readonly ok: boolean;
	readonly listening: boolean;
	readonly disk: boolean;
	/** `none` where nothing is above. A line that is down is no ill health: the relay stores and forwards. */
	readonly upstream: 'up' | 'down' | 'none';
}

/** What a supervisor should restart or take out of service: a relay that does not listen, or whose disk failed. */
export function healthOf(status: RelayStatus): Health {
	const { listening, upstream } = status;
	return {
		ok: listening && status.disk.ok,
		listening,
		disk: status.disk.ok,
		upstream: upstream === undefined ? 'none' : upstream.up ? 'up' : 'down',
	};
}
