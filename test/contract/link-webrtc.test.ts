import { RTCPeerConnection } from 'node-datachannel/polyfill';
import { describe, test } from 'vitest';
import { webRtc } from '../../adapters/link-webrtc/index.js';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { onlyLink, SignalHub } from '../unit/adapters/signal-hub.js';
import { linkContract } from './index.js';

const { timers } = nodePlatform();

describe('link-webrtc between two sources in Node', () => {
	linkContract(() => {
		const hub = new SignalHub();
		const channels: { close(): void }[] = [];
		class Recorded extends RTCPeerConnection {
			override createDataChannel(...args: Parameters<RTCPeerConnection['createDataChannel']>) {
				const channel = super.createDataChannel(...args);
				channels.push(channel);
				return channel;
			}
		}
		const side = (device: string) => onlyLink(webRtc({ PeerConnection: Recorded }), device, hub.join(device), timers);
		return {
			a: side('a'),
			b: side('b'),
			cut() {
				hub.up = false;
				for (const channel of channels.splice(0)) channel.close();
			},
			heal() {
				hub.up = true;
			},
		};
	}, test);
});
