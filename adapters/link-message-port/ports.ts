interface Posting {
	postMessage(message: unknown): void;
	start?(): void;
	close?(): void;
}

/** A MessagePort of the web, a Worker, the `self` of one. */
export interface EventPort extends Posting {
	addEventListener(type: string, listen: (event: object) => void): void;
	removeEventListener(type: string, listen: (event: object) => void): void;
}

/** A MessagePortMain or parentPort of Electron, a Worker of Node. */
export interface EmitterPort extends Posting {
	on(event: string, listen: (value: unknown) => void): unknown;
	off(event: string, listen: (value: unknown) => void): unknown;
}

export type AnyPort = EventPort | EmitterPort;

const endings = ['close', 'exit'];

const isEventPort = (port: AnyPort): port is EventPort => 'addEventListener' in port;

/** Answers how to stop listening. `close` and `exit` are said by some ports only. Messages of ours have no `data`. */
export function listen(port: AnyPort, heard: (value: unknown) => void, gone: () => void): () => void {
	if (isEventPort(port)) {
		const onMessage = (event: { readonly data?: unknown }): void => heard(event.data);
		port.addEventListener('message', onMessage);
		for (const ending of endings) port.addEventListener(ending, gone);
		return () => {
			port.removeEventListener('message', onMessage);
			for (const ending of endings) port.removeEventListener(ending, gone);
		};
	}
	// Electron wraps what was posted into an event, Node does not.
	const onMessage = (value: unknown): void =>
		heard(typeof value === 'object' && value !== null && 'data' in value ? value.data : value);
	port.on('message', onMessage);
	for (const ending of endings) port.on(ending, gone);
	return () => {
		port.off('message', onMessage);
		for (const ending of endings) port.off(ending, gone);
	};
}
