import { BadArgument } from '../../src/base/errors.js';
import type { Wire } from '../../src/windows.js';
import { type AnyPort, listen } from '../link-message-port/ports.js';

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
