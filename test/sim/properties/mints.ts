import type { DeviceId, LedgerName, PoolId } from '../../../src/base/ids.js';
import { documentKey } from '../../../src/escrow/share.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import type { TrueEpoch } from './truth.js';

interface Minted {
	readonly written: TrueEpoch;
	readonly index: number;
	readonly amount: number;
}

interface Document {
	readonly ledger: LedgerName;
	readonly pool: PoolId;
	readonly document: string;
	readonly by: Map<DeviceId, Minted>;
}

/** P12: a device mints a document once; where two devices did, both count, and everybody who sees both is told. */
export function createMintObserver(court: Court): Observer {
	const { chain, tainted } = court;
	const documents = new Map<string, Document>();
	const doubles = new Set<Document>();

	function note(written: TrueEpoch, index: number, pool: PoolId, document: string, amount: number): void {
		const { ledger, device } = written;
		const key = JSON.stringify([ledger, pool, document]);
		const known = documents.get(key) ?? { ledger, pool, document, by: new Map<DeviceId, Minted>() };
		documents.set(key, known);
		const isNew = !known.by.has(device);
		court.demand(12, isNew || tainted.has(device), () => `${device} minted ${document} twice into ${pool}`);
		if (isNew) known.by.set(device, { written, index, amount });
		if (known.by.size > 1) doubles.add(known);
	}

	/** Both count, and an exception says so, wherever both are seen. */
	function checkDouble({ name, running }: Till, { ledger, pool, document, by }: Document): void {
		if (!running?.core.holds(ledger)) return;
		const { books, view } = running.core;
		const seen = [...by].filter(([, { written, index }]) => view.at(written.id) > index);
		if (seen.length < 2) return;
		court.play(12);
		const key = documentKey(pool, document);
		const { escrow } = books.of(ledger);
		for (const [device, { amount }] of seen) {
			const counted = escrow.documents.get(key)?.get(device) ?? 0;
			// Of a device that was cloned, the larger one counts.
			const isSound = tainted.has(device) ? counted >= amount : counted === amount;
			court.demand(12, isSound, () => `${name} counts ${counted}, not ${amount} of ${document} by ${device}`);
		}
		court.demand(12, escrow.exceptions.has(`mint ${key}`), () => `${name} says nothing of ${document}, minted twice`);
	}

	return {
		synced(_till, _batches, fresh) {
			for (const { written, index } of fresh)
				for (const leg of written.entries[index]?.legs ?? [])
					if (leg.kind === 'mint') note(written, index, leg.pool, leg.document, leg.amount);
		},
		answered({ outcome }) {
			// Its documents had all been minted here before: nothing was written.
			if (outcome.ok && outcome.commit === '' && !outcome.replayed) court.play(12);
		},
		ended() {
			for (const till of chain.replicas) for (const double of doubles) checkDouble(till, double);
		},
	};
}
