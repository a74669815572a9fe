import { EventEmitter } from 'node:events';
import { describe, test } from 'vitest';
import { type AnyPort, messagePort } from '../../adapters/link-message-port/index.js';
import { seeded } from './check.js';
import { linkContract } from './index.js';

describe('link-message-port over MessageChannel', () => {
	const random = seeded(1);
	linkContract(() => {
		const { port1, port2 } = new MessageChannel();
		return { a: messagePort(port1, { random }), b: messagePort(port2, { random }) };
	}, test);
});

/** As Electron's MessagePortMain: an emitter whose messages come as events. */
class MainPort extends EventEmitter {
	readonly #port: MessagePort;

	constructor(port: MessagePort) {
		super();
		this.#port = port;
		port.addEventListener('message', ({ data }) => this.emit('message', { data, ports: [] }));
		port.addEventListener('close', () => this.emit('close'));
	}

	postMessage(message: unknown): void {
		this.#port.postMessage(message);
	}

	start(): void {
		this.#port.start();
	}

	close(): void {
		this.#port.close();
	}
}

describe('link-message-port between a page and an emitter', () => {
	const random = seeded(2);
	linkContract(() => {
		const { port1, port2 } = new MessageChannel();
		const main: AnyPort = new MainPort(port2);
		return { a: messagePort(port1, { random }), b: messagePort(main, { random }) };
	}, test);
});
