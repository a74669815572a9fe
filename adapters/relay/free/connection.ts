import type { WebSocket } from 'ws';
import { Budget } from './budget.js';
import { checkVector, type FreeDocument, Full } from './document.js';
import { Costly } from './integrate.js';
import type { FreeLimits } from './limits.js';
import { Malformed } from './update-reader.js';
import { answering, asking, type CloseReason, closeCodes, denying, readMessage, showing, telling } from './wire.js';

/** What a connection tells the registry of documents. */
export interface ConnectionHost {
	readonly limits: FreeLimits;
	/** Milliseconds that all documents together may take. */
	readonly work: Budget;
	/** To every connection of the document; slow readers do without. */
	broadcast(document: FreeDocument, frame: Uint8Array): void;
	/** The document took something in, for everybody but its sender: slow readers get it later. */
	told(document: FreeDocument, update: Uint8Array, from: FreeConnection): void;
	refused(connection: FreeConnection, reason: CloseReason, what: string): void;
	ended(connection: FreeConnection): void;
}

/** How long a client that lacks pieces is left alone before it is asked for them again. */
const askAgainMs = 5_000;

/** How often a flooding connection is looked at. */
const slowedMs = 20;

interface Message {
	readonly data: Uint8Array;
	readonly isBinary: boolean;
}

/** One stock client at one document. */
export class FreeConnection {
	readonly document: FreeDocument;
	readonly remote: string;
	readonly #socket: WebSocket;
	readonly #host: ConnectionHost;
	readonly #mayWrite: boolean;
	#alive = true;
	#denied = false;
	readonly #budget: Budget;
	/** Empty but for a flood. */
	readonly #inbox: Message[] = [];
	#later: NodeJS.Timeout | undefined;
	#askedMs = 0;
	/** What the reader had when it fell behind; everything newer goes as one difference. */
	#behind: { readonly vector: Uint8Array; readonly sinceMs: number } | undefined;

	constructor(socket: WebSocket, document: FreeDocument, remote: string, mayWrite: boolean, host: ConnectionHost) {
		this.#socket = socket;
		this.document = document;
		this.remote = remote;
		this.#host = host;
		this.#mayWrite = mayWrite;
		this.#budget = new Budget(host.limits.messagesPerSecond, Date.now());
		socket.on('message', (data: Uint8Array, isBinary: boolean) => this.#receive(data, isBinary));
		socket.on('pong', () => {
			this.#alive = true;
		});
		socket.on('close', () => this.#end());
		// A close follows every error.
		socket.on('error', () => {});
	}

	/** Asks for what we lack, and says who is here. */
	greet(): void {
		this.send(asking(this.document.vector()));
		const all = this.document.presence.all();
		if (all) this.send(showing(all));
	}

	#receive(data: Uint8Array, isBinary: boolean): void {
		this.#alive = true;
		this.#inbox.push({ data, isBinary });
		if (this.#later === undefined) this.#work();
	}

	/**
	 * A flood waits in the sender's own kernel: beyond its rate a socket is not read, and what it had read by then, a few
	 * dozen KiB, is worked off at that rate.
	 */
	#work(): void {
		this.#later = undefined;
		const inbox = this.#inbox;
		while (inbox.length > 0 && this.#mayWork() && this.#socket.readyState === this.#socket.OPEN) {
			const message = inbox.shift();
			const startedMs = performance.now();
			if (message) this.#take(message);
			const tookMs = performance.now() - startedMs;
			this.#host.work.spend(tookMs);
			this.#budget.spend(1 + (tookMs / 100) * this.#host.limits.messagesPerSecond);
		}
		if (this.#socket.readyState !== this.#socket.OPEN) return;
		if (inbox.length === 0) {
			if (this.#socket.isPaused) this.#socket.resume();
			return;
		}
		this.#socket.pause();
		this.#later = setTimeout(() => this.#work(), slowedMs);
	}

	#mayWork(): boolean {
		const nowMs = Date.now();
		return !this.#budget.isSpent(nowMs) && !this.#host.work.isSpent(nowMs);
	}

	#take({ data, isBinary }: Message): void {
		try {
			if (!isBinary) throw new Malformed('a message is text');
			this.#handle(data);
		} catch (error) {
			if (error instanceof Malformed) this.refuse('malformed', error.message);
			else if (error instanceof Full || error instanceof Costly) this.refuse('full', error.message);
			else this.refuse('failed', error instanceof Error ? error.message : String(error));
		}
	}

	#handle(data: Uint8Array): void {
		const message = readMessage(data);
		switch (message.kind) {
			case 'asks':
				this.#answer(message.vector);
				return;
			case 'update':
				this.#update(message.update);
				return;
			case 'awareness': {
				const news = this.document.presence.apply(message.awareness, this, Date.now());
				// Its sender gets it too: a stock client takes 30 s without a message for a dead line.
				if (news) this.#host.broadcast(this.document, showing(news));
				return;
			}
			case 'asks awareness': {
				const all = this.document.presence.all();
				if (all) this.send(showing(all));
			}
		}
	}

	#answer(vector: Uint8Array): void {
		if (this.#isFull()) {
			checkVector(vector);
			this.#behind = { vector: vector.slice(), sinceMs: this.#behind?.sinceMs ?? Date.now() };
			return;
		}
		this.#behind = undefined;
		this.#write(answering(this.document.difference(vector)));
	}

	#update(update: Uint8Array): void {
		if (!this.#mayWrite) {
			// Every client answers our question, most with nothing.
			if (update.length > 2 && !this.#denied) this.send(denying('read only'));
			this.#denied ||= update.length > 2;
			return;
		}
		const { news, lacking } = this.document.take(update);
		if (news) this.#host.told(this.document, news, this);
		const nowMs = Date.now();
		if (lacking && nowMs - this.#askedMs >= askAgainMs) {
			this.#askedMs = nowMs;
			this.send(asking(this.document.vector()));
		}
	}

	/** A news of the document, built once for all; `before` is what everybody had before it. */
	tell(frame: Uint8Array, before: () => Uint8Array): void {
		if (this.#behind) return;
		if (this.#isFull()) this.#behind = { vector: before(), sinceMs: Date.now() };
		else this.#write(frame);
	}

	/** What may be lost: presence, questions. */
	send(frame: Uint8Array): void {
		if (!this.#isFull()) this.#write(frame);
	}

	#isFull(): boolean {
		return this.#socket.bufferedAmount > this.#host.limits.bufferedBytes;
	}

	#write(frame: Uint8Array): void {
		if (this.#socket.readyState !== this.#socket.OPEN) return;
		this.#socket.send(frame, { binary: true }, () => this.#catchUp());
	}

	#catchUp(): void {
		const behind = this.#behind;
		if (!behind || this.#socket.bufferedAmount > this.#host.limits.bufferedBytes / 2) return;
		this.#behind = undefined;
		this.#write(telling(this.document.difference(behind.vector)));
	}

	/** Once a `pingMs`: cuts off who did not answer the last ping. One whom we do not read cannot answer. */
	ping(): void {
		if (this.#later !== undefined) return;
		if (!this.#alive) this.#socket.terminate();
		else {
			this.#alive = false;
			this.#socket.ping();
		}
	}

	/** Cuts off a reader that has taken nothing for too long. */
	checkStalled(nowMs: number): void {
		if (this.#behind && nowMs - this.#behind.sinceMs > this.#host.limits.stalledMs) this.#socket.terminate();
	}

	refuse(reason: CloseReason, what: string): void {
		this.#host.refused(this, reason, what);
		this.close(reason, what);
	}

	/** Ends for good after a second, whatever the other side says. */
	close(reason: CloseReason, what: string): void {
		this.#socket.resume();
		this.#socket.close(closeCodes[reason], what.slice(0, 120));
		setTimeout(() => this.#socket.terminate(), 1_000).unref();
	}

	#end(): void {
		clearTimeout(this.#later);
		this.#host.ended(this);
	}
}
