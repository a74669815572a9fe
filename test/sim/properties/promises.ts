import type { Tier } from '../../../src/ledger/outcome.js';
import type { Till } from '../machines/till.js';
import type { Answer, Court, Observer, RowPlace } from './observer.js';
import { isOn, lossesOf, type Shelf, shelfOf } from './shelves.js';

/** Somebody was told that rows are on a disk: there they stay, until a fault takes them from that very disk. */
interface Promised {
	/** 7 for the device's own disk, 33 for one farther away. */
	readonly property: 7 | 33;
	readonly by: string;
	readonly place: RowPlace;
	/** The machine, its disk at that time, and how often that had lost anything by then. */
	readonly name: string;
	readonly shelf: Shelf;
	readonly losses: number;
}

/** Enough of them; the oldest have been looked at often. */
const keptMax = 600;

/**
 * P33: what was acknowledged by a tier is on a disk of that tier, then and ever after, whatever crashes (SYN2). P7, its
 * smaller half: what this device's own disk confirmed is there after every crash (JRN3).
 */
export function createPromiseObserver(court: Court): Observer {
	const { chain } = court;
	let promised: Promised[] = [];

	/** Is it still that disk, with all that it ever confirmed? */
	const stands = ({ name, shelf, losses }: Promised) => shelfOf(chain, name) === shelf && lossesOf(shelf) === losses;

	function promise(property: 7 | 33, by: string, place: RowPlace, name: string, shelf: Shelf): void {
		promised.push({ property, by, place, name, shelf, losses: lossesOf(shelf) });
		if (promised.length > keptMax) promised = promised.slice(keptMax / 2);
	}

	/** After a crash, an opening, or at the end. */
	function check(of: (name: string) => boolean): void {
		promised = promised.filter(stands);
		for (const { property, by, place, name, shelf } of promised) {
			if (!of(name)) continue;
			court.play(property);
			court.demand(
				property,
				isOn(shelf, place),
				() =>
					`${by} was told that row ${place.index} of ${place.epoch} in ${place.ledger} is on ${name}, and it is not`,
			);
		}
	}

	const checkOne = ({ name }: Till) => {
		const box = name.replace(/\/home$/, '');
		check((other) => other === name || other === box);
	};

	function* disksOf(tier: Tier, till: Till): Iterable<{ readonly name: string; readonly disk: Shelf }> {
		for (const box of chain.relays) if (tier !== 'hq' || box.name === 'hq') yield box;
		if (tier === 'copy') for (const other of chain.replicas) if (other !== till) yield other;
	}

	function reached({ till, outcome }: Answer, tier: Tier): void {
		if (!outcome.ok) return;
		const disks = [...disksOf(tier, till)];
		for (const place of court.placesOf(till, outcome.commit)) {
			const holders = disks.filter(({ disk }) => isOn(disk, place));
			// A disk that was lost since may be the one that acknowledged it.
			const isExcused = lostAny.has(tier === 'copy' ? 'copy' : 'relay') && holders.length === 0;
			if (isExcused) continue;
			court.play(33);
			court.demand(
				33,
				holders.length > 0,
				() => `${till.name} was told that ${outcome.commit} is at ${tier}; row ${place.index} of ${place.epoch} is not`,
			);
			for (const { name, disk } of holders) promise(33, till.name, place, name, disk);
		}
	}

	/** Kinds of disks of which one at least has lost something, or may have lied. */
	const lostAny = new Set<'copy' | 'relay'>();

	return {
		answered({ till, outcome }) {
			if (!outcome.ok) return;
			for (const place of court.placesOf(till, outcome.commit)) promise(7, till.name, place, till.name, till.disk);
		},
		reached,
		faulted(fault) {
			if (fault === 'relay-lost') for (const kind of ['copy', 'relay'] as const) lostAny.add(kind);
			if (fault === 'torn' || fault === 'restore') lostAny.add('copy');
			// Whoever means harm says of its own disk what it likes.
			if (fault === 'hostile') for (const kind of ['copy', 'relay'] as const) lostAny.add(kind);
		},
		crashed: checkOne,
		opened: checkOne,
		ended: () => check(() => true),
	};
}
