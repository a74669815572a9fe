import { equalBytes } from '../base/bytes.js';
import type { EpochId, LedgerName, Position } from '../base/ids.js';
import { limits } from '../base/limits.js';
import { type Comparison, positionsOf } from './comparison.js';
import type { Frame, UpdateFrame } from './frames.js';
import type { Line } from './line.js';
import type { Outgoing } from './outgoing.js';
import type { PeerRows } from './peer-rows.js';
import { Receiving } from './point-transfer.js';

/** Acknowledgements that nobody waits for gather this long. */
const ackDelayMs = 50;
/** An update of at least this many bytes is part of a backlog: its sender waits for the acknowledgement. */
const promptBytes = 16 * 1024;
/** Updates whose rows are on their way to disk: as many as an honest peer has under way share a sync. */
const storingBytesMax = 1024 * 1024;
/** What an update costs beside its bytes. */
const storingOverheadBytes = 256;

/** What comes in one conversation, and the word that it is on disk (SYN2). */
export class Incoming {
	readonly #line: Line;
	readonly #rows: PeerRows;
	readonly #outgoing: Outgoing;
	readonly #comparison: Comparison;
	readonly #acks = new Map<LedgerName, Map<EpochId, number>>();
	#cancelAcks: (() => void) | undefined;
	#receiving: Receiving | undefined;
	/** The checkpoint that came last as a whole: its sender may not have heard so. */
	#received: Uint8Array | undefined;
	#storing = 0;

	constructor(line: Line, rows: PeerRows, outgoing: Outgoing, comparison: Comparison) {
		this.#line = line;
		this.#rows = rows;
		this.#outgoing = outgoing;
		this.#comparison = comparison;
	}

	/** The conversation is over. */
	stop(): void {
		this.#cancelAcks?.();
	}

	/** The next frame is read while this one goes to disk; only the acknowledgement waits, and too many of them. */
	take(update: UpdateFrame, frame: Uint8Array): void | Promise<void> {
		const { host, session } = this.#line;
		const { ledger, seals } = update;
		if (this.#comparison.knows(ledger, true)) this.#outgoing.noteAcks(ledger, seals); // durable there before it left (JRN3)
		const bytes = frame.length + storingOverheadBytes;
		this.#storing += bytes;
		const ended = host
			.receive(session, update, frame)
			.then(({ acks, again }) => {
				this.#forgetNone(ledger, seals);
				this.#line.brought(ledger, seals);
				if (acks.length > 0) this.#acknowledge(ledger, acks, frame.length);
				if (again) this.#comparison.noteAgain(ledger);
				this.#storing -= bytes;
			})
			.catch((error: unknown) => {
				this.#storing -= bytes;
				host.refused(session, 'bad_frame', error);
			});
		if (this.#storing >= storingBytesMax) return ended;
	}

	/** Of epochs that were not taken nothing is remembered: whoever sends many must not fill the memory. */
	#forgetNone(ledger: LedgerName, seals: readonly Position[]): void {
		const { host } = this.#line;
		for (const { epoch } of seals) if (host.have(ledger, epoch) === 0) this.#rows.forget(ledger, [epoch]);
	}

	/** At once where somebody waits for it: the author, whoever relays for him, or the sender of a backlog. */
	#acknowledge(ledger: LedgerName, acks: readonly Position[], bytes: number): void {
		const { role, peer, host } = this.#line;
		const byAuthor = () => acks.some(({ epoch }) => host.authorOf(ledger, epoch) === peer?.device);
		if (role !== 'device' || bytes >= promptBytes || byAuthor())
			this.#line.send({ kind: 'ack', ledger, positions: acks });
		else this.ackSoon(ledger, acks);
	}

	/** Tells the peer, by and by, what is on disk here, so that it need not send it. */
	ackSoon(ledger: LedgerName, positions: Iterable<Position>): void {
		const known = this.#acks.get(ledger) ?? new Map<EpochId, number>();
		this.#acks.set(ledger, known);
		for (const { epoch, count } of positions) known.set(epoch, Math.max(count, known.get(epoch) ?? 0));
		this.#cancelAcks ??= this.#line.host.platform.timers.after(ackDelayMs, () => this.#sendAcks(), true);
	}

	#sendAcks(): void {
		this.#cancelAcks = undefined;
		for (const [ledger, known] of this.#acks) this.#line.send({ kind: 'ack', ledger, positions: positionsOf(known) });
		this.#acks.clear();
	}

	async takePiece(piece: Extract<Frame, { kind: 'point' }>): Promise<void> {
		const { ledger, id, bytes } = piece;
		const { host, session } = this.#line;
		const took = (count: number) => this.#line.send({ kind: 'took', ledger, id, bytes: count });
		if (bytes > limits.checkpointBytes) return host.refused(session, 'bad_frame', new Error('a checkpoint too large'));
		const isHere = (known: Uint8Array | undefined) => known !== undefined && equalBytes(known, id);
		if (isHere(host.checkpoint(ledger)?.id) || isHere(this.#received)) {
			this.#outgoing.notePoint(ledger, id);
			took(bytes);
			return;
		}
		if (!this.#receiving?.isOf(piece)) this.#receiving = new Receiving(piece);
		const count = this.#receiving.take(piece);
		const whole = this.#receiving.whole;
		if (whole) {
			this.#receiving = undefined;
			this.#received = id;
			this.#outgoing.notePoint(ledger, id);
			await host.receiveCheckpoint(session, whole);
		}
		took(count);
	}
}
