import type { EpochId, LedgerName, Position } from '../base/ids.js';
import { type GateVerdict, gateUpdate } from '../journal/gate.js';
import { frameOf } from '../sync/batches.js';
import type { UpdateFrame } from '../sync/frames.js';
import type { PeerSession, Received } from '../sync/host.js';
import type { Forward } from '../sync/peers.js';
import { Admitter, type AdmitterParts, type Admitting } from './admitter.js';
import { Joined, type SealedRuns } from './coalesce.js';
import type { RunRecord } from './row-store.js';

export interface IntakeParts extends AdmitterParts {
	/** Rows of these epochs are on disk. Where everything that came by a line was new, it may go on as it is. */
	readonly grown: (ledger: LedgerName, epochs: readonly EpochId[], forward: Forward | undefined) => void;
}

interface Waiting {
	readonly update: UpdateFrame;
	readonly sealed: SealedRuns;
	readonly from: PeerSession | undefined;
	readonly frame: Uint8Array | undefined;
	resolve(received: Received): void;
	reject(error: unknown): void;
}

/** Updates that came by one line, of one segment, and go on from each other. */
interface Group {
	readonly members: Waiting[];
	readonly joined: Joined;
}

interface Admitted {
	readonly ledger: LedgerName;
	readonly admitting: Admitting;
	readonly joined: Joined;
	/** Who is answered when it is on disk. */
	readonly members: readonly Waiting[];
}

/** Rounds of admission, some tenths of a millisecond each, that one transaction waits for. */
const roundsMax = 4;

const nothingReceived: Received = { acks: [], again: false };

/**
 * Others' rows, from the wire to disk. What came while the last ones were admitted is taken together: the updates of one
 * line are joined, so that one seal is checked and one run stored for all of them; then one transaction takes all there is,
 * and what one line brought goes on to the others in one frame.
 */
export class RelayIntake {
	readonly #o: IntakeParts;
	readonly #admitter: Admitter;
	#waiting: Waiting[] = [];
	/** What goes to disk when all that came with it is admitted: in one transaction. */
	readonly #admitted: Admitted[] = [];
	#draining = false;
	/** Rounds of admission since something went to disk. */
	#rounds = 0;

	constructor(parts: IntakeParts) {
		this.#o = parts;
		this.#admitter = new Admitter(parts);
	}

	/** Entries taken by this opening, and on disk. */
	get landed(): number {
		return this.#admitter.landed;
	}

	/** Resolves when what was taken is on disk (JRN3). `from` and `frame`: the line that it came by, and as what. */
	receive(update: UpdateFrame, from?: PeerSession, frame?: Uint8Array): Promise<Received> {
		const verdict: GateVerdict = gateUpdate(update.update);
		if (!verdict.ok) {
			this.#admitter.reject(verdict.code, update.ledger);
			return Promise.resolve({ ...nothingReceived, refused: true });
		}
		const sealed = { runs: verdict.runs, seals: update.seals };
		return new Promise((resolve, reject) => {
			this.#waiting.push({ update, sealed, from, frame, resolve, reject });
			if (!this.#draining) void this.#drain();
		});
	}

	/** Never rejects: whoever waits hears of it. */
	async #drain(): Promise<void> {
		this.#draining = true;
		// What else this turn brings comes along.
		await Promise.resolve();
		while (this.#waiting.length > 0) {
			const groups = groupsOf(this.#waiting.splice(0));
			for (const { members, joined } of groups) this.#admitter.begin(placeOf(members), joined);
			const early: Waiting[] = [];
			for (const group of groups) if ((await this.#take(group)) === 'early') early.push(...group.members);
			// What was joined named something that came after it by another line: alone and now, each is taken.
			for (const member of early) await this.#take(groupOf(member));
			this.#storeAdmitted();
			this.#admitter.settled();
		}
		this.#draining = false;
	}

	/** In one transaction, with what came while these were admitted: unless that goes on and on. */
	#storeAdmitted(): void {
		this.#rounds++;
		if (this.#waiting.length > 0 && this.#rounds < roundsMax) return;
		this.#rounds = 0;
		for (const admitted of this.#admitted.splice(0)) void this.#store(admitted);
	}

	/** `early`: what was joined cannot be taken yet as a whole, and nobody has been answered. */
	async #take({ members, joined }: Group): Promise<'taken' | 'early'> {
		const place = placeOf(members);
		const many = members.length > 1;
		try {
			const admitting = await this.#admitter.admit(place, joined, many);
			const isWhole = !admitting.again && !admitting.refused;
			this.#admitted.push({ ledger: place.ledger, admitting, joined, members: isWhole || !many ? members : [] });
			if (isWhole || !many) return 'taken';
			if (!admitting.refused) return 'early';
			// One of them is not as it should be. Each by itself, the others need not suffer for it.
			for (const member of members) await this.#take(groupOf(member));
		} catch (error) {
			for (const { reject } of members) reject(error);
		}
		return 'taken';
	}

	/** To disk, then to everybody. The next ones are admitted meanwhile. */
	async #store({ ledger, admitting, joined, members }: Admitted): Promise<void> {
		const { store, grown } = this.#o;
		const { epochs, runs, again, refused } = admitting;
		try {
			// What is known may be on its way to disk: an empty batch waits for it.
			if (runs.length > 0 || this.#admitter.isLanding(joined.seals))
				await store.write({ epochs, runs, points: [], notes: [] });
			for (const run of runs) this.#admitter.land(run);
			const whole = !again && !refused && isAll(joined, runs);
			if (runs.length > 0)
				grown(ledger, [...new Set(runs.map(({ epoch }) => epoch))], whole ? forwardOf(members, joined) : undefined);
			const acks = this.#acks(ledger, joined);
			// One acknowledgement for all: it is of the last rows.
			for (const [i, { resolve }] of members.entries())
				resolve({ acks: i === members.length - 1 ? acks : [], again, refused });
		} catch (error) {
			for (const { reject } of members) reject(error);
		}
	}

	#acks(ledger: LedgerName, { seals }: SealedRuns): Position[] {
		const kept = this.#o.keeping.ledger(ledger);
		const acks: Position[] = [];
		for (const { epoch } of seals) {
			const count = kept?.have(epoch) ?? 0;
			if (count > 0) acks.push({ epoch, count });
		}
		return acks;
	}
}

const placeOf = (members: readonly Waiting[]) => (members[0] as Waiting).update; // a group has a first member

function groupOf(member: Waiting): Group {
	const joined = new Joined();
	joined.add(member.sealed);
	return { members: [member], joined };
}

/** In the order in which the first of each came. */
function groupsOf(waiting: readonly Waiting[]): Group[] {
	const groups: Group[] = [];
	const open = new Map<PeerSession, Map<string, Group>>();
	for (const member of waiting) {
		const { from, update, sealed } = member;
		const key = `${update.segment} ${update.ledger}`;
		const known = from && open.get(from)?.get(key);
		if (known?.joined.add(sealed)) {
			known.members.push(member);
			continue;
		}
		const group = groupOf(member);
		groups.push(group);
		if (!from) continue;
		const ofLine = open.get(from);
		if (ofLine) ofLine.set(key, group);
		else open.set(from, new Map([[key, group]]));
	}
	return groups;
}

/** What goes on to others: the frame that came, or one of all that were joined. */
function forwardOf(members: readonly Waiting[], joined: Joined): Forward | undefined {
	const [first] = members;
	if (!first?.from || !first.frame) return undefined;
	const { ledger, segment } = first.update;
	const { runs, seals } = joined;
	const spans = runs.map(({ epoch, from, entries }) => ({ epoch, from, to: from + entries.length }));
	const joinedFrame = () =>
		frameOf(ledger, { segment, seals, bytes: 0, runs: runs.map((run) => ({ ...run, name: run.root })) });
	return { from: first.from, frame: members.length === 1 ? first.frame : joinedFrame(), runs: spans };
}

/** Everything that came was new. */
function isAll({ runs: came }: Joined, runs: readonly RunRecord[]): boolean {
	const taken = new Map(runs.map((run) => [run.epoch, run]));
	return (
		came.length > 0 &&
		came.length === runs.length &&
		came.every(({ epoch, from, entries }) => {
			const run = taken.get(epoch);
			return run?.from === from && run.entries.length === entries.length;
		})
	);
}
