/** Two sources meet, say a word and stop. Then nothing keeps the process. */

import { RTCPeerConnection } from 'node-datachannel/polyfill';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { rtcLink } from './signal-hub.js';

const { a, b } = rtcLink(RTCPeerConnection, nodePlatform().timers);
b.start({
	up: () => {},
	frame: ({ length }) => {
		console.log(length);
		a.stop();
	},
	down: () => {
		console.log('down');
		b.stop();
	},
});
a.start({ up: (end) => void end.send(new Uint8Array(300_000)), frame: () => {}, down: () => {} });
