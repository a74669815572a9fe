import { TillmeshError } from '../../src/base/errors.js';

/** A STUN or TURN server, as WebRTC wants it. */
export interface IceServer {
	readonly urls: string | readonly string[];
	readonly username?: string;
	readonly credential?: string;
}

/** The class RTCPeerConnection of the WebRTC standard. */
export type PeerConnectionClass = new (configuration: object) => object;

/** Begins a connection that nothing has been done with yet. */
export type OpenPeer = () => RTCPeerConnection;

export function openWith(PeerConnection: PeerConnectionClass, iceServers: readonly IceServer[]): OpenPeer {
	// Copied: an implementation may write defaults into what it is given.
	return () => new PeerConnection({ iceServers: iceServers.map((each) => ({ ...each })) }) as RTCPeerConnection; // it is the standard's
}

/** The runtime's own, where it has one. */
export const globalPeerConnection = (): PeerConnectionClass | undefined => globalThis.RTCPeerConnection;

// Behind a variable, so that a browser's bundler does not look for it.
const inNode = 'node-datachannel/polyfill';

/** Fails with `unavailable` where neither a global RTCPeerConnection nor the optional peer node-datachannel is found. */
export async function loadPeerConnection(): Promise<PeerConnectionClass> {
	try {
		const loaded: typeof import('node-datachannel/polyfill') = await import(
			/* @vite-ignore */ /* webpackIgnore: true */ inNode
		);
		return loaded.RTCPeerConnection;
	} catch (cause) {
		const what = 'No WebRTC here: npm install node-datachannel, or run in a browser.';
		throw new TillmeshError('unavailable', what, { missing: 'node-datachannel' }, cause);
	}
}
