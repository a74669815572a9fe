import { AlreadyOpen } from '../../../src/base/errors.js';
import type { Court, Observer } from './observer.js';

/** P28: a disk has one writer. A second one is told so, and leaves everything as it was (JRN1). */
export function createWriterObserver(court: Court): Observer {
	return {
		intruded({ name, disk, running }, got, before) {
			court.play(28);
			court.demand(28, got instanceof AlreadyOpen, () => `a second window of ${name} got ${got}`);
			court.demand(28, disk.isOpen, () => `a second window has closed the disk of ${name}`);
			court.demand(28, running?.health.get().state !== 'broken', () => `a second window has broken ${name}`);
			const is = disk.records.read('');
			const was = before.read('');
			const same = is.length === was.length && is.every(({ key }, i) => key === was[i]?.key);
			court.demand(28, same, () => `a second window of ${name} has changed its disk`);
		},
	};
}
