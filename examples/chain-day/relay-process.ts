/** A relay as a process of its own. */
import { type Relay, type RelayOptions, startRelay } from 'tillmesh/relay';
import { answerParent } from './calls.js';

let relay: Relay | undefined;

const calls = {
	async start(options: RelayOptions): Promise<number> {
		relay = await startRelay(options);
		return Number(new URL(relay.url).port);
	},
	/** What is linked to it, and what somebody ought to look at. */
	look() {
		const { upstream, alarms = [] } = relay?.status() ?? {};
		return { isUpstreamUp: upstream?.up ?? false, alarms };
	},
	async stop(): Promise<void> {
		await relay?.close();
	},
};

export type RelayCalls = typeof calls;

answerParent(calls);
