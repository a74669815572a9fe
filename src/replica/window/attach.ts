import { toHex } from '../../base/bytes.js';
import { Closed, TillmeshError } from '../../base/errors.js';
import type { Platform } from '../../ports/index.js';
import type { Replica } from '../replica.js';
import { AttachedReplica } from './attached-replica.js';
import { Caller } from './caller.js';
import { Follower } from './follower.js';
import { isMessage, type Message, type News, type ToOwner, tagged } from './messages.js';
import type { Wire } from './wire.js';

export interface AttachOptions {
	readonly platform: Pick<Platform, 'timers' | 'crypto' | 'random'>;
	/** How long the owner may take to show itself, in milliseconds. Default 10,000. */
	readonly timeoutMs?: number | undefined;
}

/** The owner is asked whether it is there so often, and is gone when it has not answered so many times. */
const pingMs = 3_000;
const pingsMax = 5;

/**
 * The replica that is shared at the other end of `wire`: the same API, while that one writes. Resolves when the window shows
 * all that the owner's view shows. Rejects with `Closed` where the owner is gone, `not_reached` where it says nothing in time.
 */
export function attachReplica(wire: Wire, options: AttachOptions): Promise<Replica> {
	return new Attachment(wire, options).attached;
}

class Attachment {
	readonly #wire: Wire;
	readonly #options: AttachOptions;
	readonly #window: string;
	readonly #caller: Caller;
	#follower: Follower | undefined;
	#replica: AttachedReplica | undefined;
	#attached: (replica: Replica) => void = () => {};
	#failed: (error: unknown) => void = () => {};
	/** Of the wait for the owner, then of the next ping. */
	#cancelWait: () => void;
	#unanswered = 0;
	readonly attached: Promise<Replica>;

	constructor(wire: Wire, options: AttachOptions) {
		const { platform, timeoutMs = 10_000 } = options;
		this.#wire = wire;
		this.#options = options;
		this.#window = toHex(platform.random.bytes(8));
		this.#caller = new Caller((message) => this.#post(message));
		this.attached = new Promise((resolve, reject) => {
			this.#attached = resolve;
			this.#failed = reject;
		});
		this.#cancelWait = platform.timers.after(timeoutMs, () => {
			this.#failed(new TillmeshError('not_reached', `No replica was shared at this port within ${timeoutMs} ms.`));
			this.#leave();
		});
		wire.listen(
			(value) => isMessage(value) && this.#heard(value),
			() => this.#leave(),
		);
		this.#hello();
	}

	#hello(): void {
		this.#post({ kind: 'hello', window: this.#window });
	}

	#post(message: ToOwner): void {
		try {
			this.#wire.post(tagged(message));
		} catch {
			this.#leave();
		}
	}

	#heard(message: Message): void {
		if (this.#caller.closed) return;
		this.#unanswered = 0;
		if (message.kind === 'shared' && !this.#follower) this.#hello();
		else if (message.kind === 'news') this.#news(message);
		else if (message.kind === 'closed') this.#leave();
	}

	#news(news: News): void {
		const { about, answers, n } = news;
		if (about && !this.#follower) this.#follower = new Follower(about);
		const follower = this.#follower;
		if (!follower) return; // the first news says who speaks
		if (about) follower.hear(about);
		try {
			follower.take(news);
		} catch (error) {
			// An owner of a newer version, that this window does not understand.
			this.#leave(error);
			return;
		}
		for (const answer of answers) this.#caller.answered(answer);
		if (!this.#replica) this.#show(follower);
		else if (about) this.#replica.changed();
		follower.books.notify();
		this.#post({ kind: 'took', n });
	}

	#show(follower: Follower): void {
		this.#cancelWait();
		this.#pingLater();
		this.#replica = new AttachedReplica({
			follower,
			caller: this.#caller,
			platform: this.#options.platform,
			window: this.#window,
			leave: () => this.#leave(),
		});
		this.#attached(this.#replica);
	}

	#pingLater(): void {
		const ping = () => {
			if (this.#unanswered++ < pingsMax) this.#post({ kind: 'ping' });
			else this.#leave();
			if (!this.#caller.closed) this.#pingLater();
		};
		this.#cancelWait = this.#options.platform.timers.after(pingMs, ping, true);
	}

	#leave(cause?: unknown): void {
		if (this.#caller.closed) return;
		this.#cancelWait();
		this.#caller.close(cause);
		this.#failed(new Closed(cause)); // means nothing once it is attached
		try {
			this.#wire.post(tagged({ kind: 'bye' }));
		} catch {
			// The port is closed already.
		}
		this.#wire.close();
	}
}
