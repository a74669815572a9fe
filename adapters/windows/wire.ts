import { BadArgument } from '../../src/base/errors.js';
import type { Wire } from '../../src/windows.js';
import type { AnyPort, EventPort } from '../link-message-port/index.js';

const endings = ['close', 'exit'];

const isEventPort = (port: AnyPort): port is EventPort => 'addEventListener' in port;

/** A port of the web, of Node or of Electron, as a wire. `close` and `exit` are said by some ports only. */
export function wireOf(port: AnyPort): Wire {
	if (typeof port?.postMessage !== 'function' || !('addEventListener' in port || 'on' in port))
		throw new BadArgument('port', 'expected a MessagePort, a Worker, or an Electron MessagePortMain.');
	let ignore = (): void => {};
	return {
		post: (message) => port.postMessage(message),
		listen(heard, gone) {
			const ignorePort = listen(port, heard, gone);
			// A page that is left takes its end along, and the port says nothing of it.
			globalThis.addEventListener?.('pagehide', gone);
			ignore = () => {
				ignorePort();
				globalThis.removeEventListener?.('pagehide', gone);
			};
			port.start?.();
		},
		close() {
			ignore();
			port.close?.();
		},
	};
}

function listen(port: AnyPort, heard: (value: unknown) => void, gone: () => void): () => void {
	if (isEventPort(port)) {
		const onMessage = (event: { readonly data?: unknown }): void => heard(event.data);
		port.addEventListener('message', onMessage);
		for (const ending of endings) port.addEventListener(ending, gone);
		return () => {
			port.removeEventListener('message', onMessage);
			for (const ending of endings) port.removeEventListener(ending, gone);
		};
	}
	// Electron wraps what was posted into an event, Node does not. Messages of ours have no `data`.
	const onMessage = (value: unknown): void =>
		heard(typeof value === 'object' && value !== null && 'data' in value ? value.data : value);
	port.on('message', onMessage);
	for (const ending of endings) port.on(ending, gone);
	return () => {
		port.off('message', onMessage);
		for (const ending of endings) port.off(ending, gone);
	};
}
