import { RTCPeerConnection } from 'node-datachannel/polyfill';
import { describe, test } from 'vitest';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { rtcLink, rtcSources } from '../unit/adapters/signal-hub.js';
import { linkContract, linkSourceContract } from './index.js';

describe('link-webrtc in Node, finding', () => {
	linkSourceContract(() => rtcSources(RTCPeerConnection), test);
});

describe('link-webrtc in Node, its links', () => {
	linkContract(() => rtcLink(RTCPeerConnection, nodePlatform().timers), test);
});
