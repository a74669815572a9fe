import type { Message } from './messages.js';

/** One end of a message port. What is posted arrives as a copy, in order, as long as the other side is there. */
export interface Wire {
	/** May throw where the port is closed. */
	post(message: Message): void;
	/** Called once. `gone`: the port says that the other side is there no more, as far as it says so at all. */
	listen(heard: (value: unknown) => void, gone: () => void): void;
	close(): void;
}
