import type { DeviceId } from '../../base/ids.js';
import type { OpenReplica } from '../open-replica.js';
import type { Health } from '../status.js';
import type { About, PlainHealth } from './messages.js';
import { toPlain } from './plain-error.js';

const plainHealth = (health: Health): PlainHealth =>
	health.state === 'broken' ? { state: 'broken', error: toPlain(health.error) } : health;

/** What a window is told of its owner beside what its books say. */
export function aboutOf(till: OpenReplica): About {
	const { core } = till;
	const { health, rejected, ...status } = till.status();
	// Errors as they were thrown may hold what no port copies.
	const newest = rejected.newest.map(({ error, ...rest }) =>
		error === undefined ? rest : { ...rest, error: toPlain(error).message },
	);
	const homes: [string, DeviceId][] = [];
	const others: About['others'][number][] = [];
	for (const ledger of core.ledgers()) {
		const home = till.homeOf(ledger);
		if (home !== undefined) homes.push([ledger, home]);
		const devices = new Set<DeviceId>();
		for (const { name } of core.journal.in(ledger)) devices.add(name.device);
		for (const { device } of core.view.base(ledger)?.cut.values() ?? []) devices.add(device);
		for (const { shares } of core.books.of(ledger).escrow.pools.values())
			for (const device of shares.keys()) devices.add(device);
		devices.delete(core.device);
		for (const device of devices) others.push({ ledger, ...till.seen(ledger, device) });
	}
	return {
		device: till.device,
		name: till.name,
		keeps: core.keeps,
		health: plainHealth(health),
		status: { ...status, rejected: { count: rejected.count, newest } },
		sync: till.sync.status.get(),
		homes,
		others,
	};
}
