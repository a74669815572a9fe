/**
 * The globals that every host of JavaScript has, browsers, Node and workers alike, and no more of each than `src` uses.
 * `tsconfig.src.json` gives `src` these in place of the DOM's and Node's types.
 */

declare class TextEncoder {
	encode(text?: string): Uint8Array<ArrayBuffer>;
	encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
	constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
	decode(bytes?: ArrayBuffer | ArrayBufferView): string;
}

declare function queueMicrotask(run: () => void): void;

interface AbortSignal {
	readonly aborted: boolean;
	readonly reason: unknown;
	addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
	removeEventListener(type: 'abort', listener: () => void): void;
	throwIfAborted(): void;
}

declare class AbortController {
	readonly signal: AbortSignal;
	abort(): void;
}

interface ReadableStreamDefaultController<T> {
	readonly desiredSize: number | null;
	enqueue(chunk: T): void;
	close(): void;
	error(reason?: unknown): void;
}

interface UnderlyingDefaultSource<T> {
	start?(controller: ReadableStreamDefaultController<T>): void | Promise<void>;
	pull?(controller: ReadableStreamDefaultController<T>): void | Promise<void>;
	cancel?(reason?: unknown): void | Promise<void>;
}

declare class ReadableStream<T> {
	constructor(source?: UnderlyingDefaultSource<T>, strategy?: { highWaterMark?: number });
	cancel(reason?: unknown): Promise<void>;
	getReader(): {
		read(): Promise<{ done: false; value: T } | { done: true; value?: T }>;
		cancel(reason?: unknown): Promise<void>;
		releaseLock(): void;
	};
}
