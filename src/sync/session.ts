import type { EpochId, LedgerName, Position } from '../base/ids.js';
import { encodeUpdate } from '../journal/update.js';
import type { Link, LinkEnd } from '../ports/index.js';
import { batchesOf } from './batches.js';
import {
	decodeFrame,
	encodeFrame,
	type Frame,
	type Hello,
	type LedgerHeads,
	protocolVersion,
	type ShareAsk,
} from './frames.js';
import type { PeerSession, SyncHost, UpdateFrame } from './host.js';
import { keeps } from './keeps.js';

/** How often a session looks for acknowledgements that did not come, and tells its heads again where asked. */
const tickMs = 200;

const receivingMax = 32;
const patienceMin = 2;
const patienceMax = 128;

/** Rows and checkpoints over one link: says what it holds, sends what the other lacks, and goes on as both grow (SYN5). */
export class Session implements PeerSession {
	readonly #host: SyncHost;
	readonly #link: Link;
	#end: LinkEnd | undefined;
	#peer: Hello | undefined;
	/** What we sent, or know the peer to hold or to cover. */
	#sent = new Map<EpochId, number>();
	/** What the peer has on disk or covers by a checkpoint. */
	#acked = new Map<EpochId, number>();
	readonly #points = new Map<LedgerName, string>();
	readonly #told = new Map<LedgerName, readonly Position[]>();
	#heard = false;
	#again = false;
	/** A frame was not taken by the link. */
	#refused = false;
	#answered = false;
	#unanswered = 0;
	/** Ticks without an acknowledgement before it is sent again; doubles while that does not help. */
	#patience = patienceMin;
	/** Updates whose rows are on their way to disk. */
	#receiving = 0;
	#inbox: Promise<void> = Promise.resolve();
	#cancelTick = () => {};

	constructor(host: SyncHost, link: Link) {
		this.#host = host;
		this.#link = link;
		link.start({ up: (end) => this.#up(end), frame: (bytes) => this.#frame(bytes), down: () => this.#down() });
	}

	get peer(): Hello | undefined {
		return this.#peer;
	}

	get via(): string {
		return this.#link.kind;
	}

	/** The peer's heads are here: from now on it is known what either side lacks. */
	get inSync(): boolean {
		return this.#heard;
	}

	ackedBy(epoch: EpochId): number {
		return this.#acked.get(epoch) ?? 0;
	}

	told(ledger: LedgerName): readonly Position[] | undefined {
		return this.#heard ? (this.#told.get(ledger) ?? []) : undefined;
	}

	stop(): void {
		this.#link.stop();
		this.#down();
	}

	/** Sends all that is sealed here and not known to be there, of these ledgers or of all. */
	push(changed?: Iterable<LedgerName>): void {
		const peer = this.#peer;
		if (!peer || !this.#heard) return;
		for (const ledger of changed ?? this.#shared()) {
			if (changed && !keeps(peer.keeps, ledger)) continue;
			this.#pushCheckpoint(ledger);
			this.#pushRows(ledger);
		}
	}

	carries(ledger: LedgerName): boolean {
		return this.#peer !== undefined && keeps(this.#peer.keeps, ledger);
	}

	ask(ask: ShareAsk): void {
		this.#send(ask);
	}

	#up(end: LinkEnd): void {
		this.#down();
		this.#end = end;
		this.greet();
		this.#tick();
	}

	/** Says who this is: at the beginning, and when this device goes on under another name. */
	greet(): void {
		this.#send({ kind: 'hello', version: protocolVersion, ...this.#host.hello() });
	}

	#down(): void {
		this.#cancelTick();
		this.#end = undefined;
		this.#peer = undefined;
		this.#heard = false;
		this.#again = false;
		this.#unanswered = 0;
		this.#patience = patienceMin;
		this.#sent.clear();
		this.#points.clear();
		this.#told.clear();
	}

	#tick(): void {
		this.#cancelTick = this.#host.timers.after(
			tickMs,
			() => {
				// A peer whose heads never came may not know us.
				if (!this.#heard) this.greet();
				if (this.#peer && (this.#again || !this.#heard)) this.#sendHeads();
				this.#again = false;
				if (this.#heard && this.#lags()) this.#resend();
				else if (this.#refused) {
					this.#refused = false;
					this.push();
				}
				this.#tick();
			},
			true,
		);
	}

	/** Something was sent, and no acknowledgement at all has come for longer than our patience. */
	#lags(): boolean {
		let lags = false;
		for (const [epoch, count] of this.#sent) if (this.ackedBy(epoch) < count) lags = true;
		this.#unanswered = lags && !this.#answered ? this.#unanswered + 1 : 0;
		this.#answered = false;
		return this.#unanswered >= this.#patience;
	}

	#resend(): void {
		this.#unanswered = 0;
		this.#patience = Math.min(patienceMax, this.#patience * 2);
		this.#sent = new Map(this.#acked);
		this.#points.clear();
		this.push();
	}

	#send(frame: Frame): boolean {
		const taken = this.#end?.send(encodeFrame(frame)) ?? false;
		if (!taken) this.#refused = true;
		return taken;
	}

	#sendHeads(): void {
		const ledgers = [...this.#shared()].map((ledger) => this.#host.heads(ledger));
		this.#send({ kind: 'heads', answer: !this.#heard, ledgers });
	}

	*#shared(): Iterable<LedgerName> {
		for (const ledger of this.#host.ledgers()) if (this.#peer && keeps(this.#peer.keeps, ledger)) yield ledger;
	}

	#frame(bytes: Uint8Array): void {
		const frame = decodeFrame(bytes);
		if (!frame) {
			this.#host.refuseFrame(this);
			return;
		}
		const end = this.#end;
		this.#inbox = this.#inbox
			.then(() => (end === this.#end ? this.#handle(frame) : undefined))
			.catch((error: unknown) => this.#host.refuseFrame(this, error));
	}

	async #handle(frame: Frame): Promise<void> {
		if (frame.kind === 'hello') return this.#handleHello(frame);
		if (!this.#peer) return;
		switch (frame.kind) {
			case 'heads':
				return this.#handleHeads(frame.ledgers, frame.answer);
			case 'ack':
				for (const { epoch, count } of frame.positions) this.#noteAck(epoch, count);
				return;
			case 'point':
				return this.#host.receiveCheckpoint(frame.checkpoint);
			case 'ask':
				return this.#host.receiveAsk(this, frame);
			case 'update':
				return this.#handleUpdate(frame);
		}
	}

	/** The next frame is read while this one goes to disk; only the acknowledgement waits, and too many of them. */
	async #handleUpdate(update: UpdateFrame): Promise<void> {
		for (const { epoch, count } of update.seals) this.#noteAck(epoch, count); // durable there before it left (JRN3)
		const done = this.#host.receive(this, update).then(({ acks, again }) => {
			if (acks.length > 0) this.#send({ kind: 'ack', positions: acks });
			if (again) this.#again = true;
		});
		this.#receiving++;
		const ended = done
			.catch((error: unknown) => this.#host.refuseFrame(this, error))
			.finally(() => {
				this.#receiving--;
			});
		if (this.#receiving >= receivingMax) await ended;
	}

	#handleHello(hello: Hello): void {
		const mine = this.#host.hello();
		if (hello.version !== protocolVersion || hello.chain !== mine.chain) return;
		const fresh = !this.#peer;
		this.#peer = hello;
		if (fresh) this.greet();
		this.#sendHeads();
	}

	#handleHeads(ledgers: readonly LedgerHeads[], answer: boolean): void {
		// The first heads of a connection are the truth, even where they are less than before: a disk may have been lost.
		if (!this.#heard) this.#acked = new Map();
		for (const heads of ledgers) {
			this.#points.set(heads.ledger, String(heads.checkpoint));
			const told = [...heads.covered, ...heads.rows];
			this.#told.set(heads.ledger, told);
			for (const { epoch, count } of told) this.#noteAck(epoch, count);
		}
		this.#sent = new Map(this.#acked);
		for (const heads of ledgers) this.#sendWhole(heads);
		this.#heard = true;
		if (answer) this.#sendHeads();
		this.#host.peerReady(this);
		this.push();
	}

	/** Of an epoch that goes on past what the peer's checkpoint covers, the peer has no row: it needs them from the first. */
	#sendWhole({ ledger, covered }: LedgerHeads): void {
		const counts = new Map(covered.map(({ epoch, count }) => [epoch, count]));
		for (const { id, count } of this.#host.epochs(ledger)) if (count > (counts.get(id) ?? count)) this.#sent.delete(id);
	}

	#noteAck(epoch: EpochId, count: number): void {
		if (this.ackedBy(epoch) < count) {
			this.#acked.set(epoch, count);
			this.#answered = true;
			this.#patience = patienceMin;
		}
		this.#noteSent(epoch, count);
	}

	#noteSent(epoch: EpochId, count: number): void {
		if ((this.#sent.get(epoch) ?? 0) < count) this.#sent.set(epoch, count);
	}

	#pushCheckpoint(ledger: LedgerName): void {
		const point = this.#host.checkpoint(ledger);
		if (!point) return;
		const id = String(point.id);
		if (this.#points.get(ledger) === id) return;
		if (this.#send({ kind: 'point', checkpoint: point.bytes })) this.#points.set(ledger, id);
	}

	#pushRows(ledger: LedgerName): void {
		const sent = (epoch: EpochId) => this.#sent.get(epoch) ?? 0;
		for (const { segment, runs, seals } of batchesOf(this.#host.epochs(ledger), sent)) {
			if (!this.#send({ kind: 'update', ledger, segment, update: encodeUpdate(runs), seals })) continue;
			for (const run of runs) this.#noteSent(run.epoch, run.from + run.entries.length);
		}
	}
}
