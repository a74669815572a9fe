import { type OpenOptions, openReplica, type Replica } from 'tillmesh';
import { type MemoryAdapter, type MemoryLink, type MemoryLinkOptions, memory, memoryLink } from 'tillmesh/memory';
import { onTestFinished } from 'vitest';

export interface Device {
	replica: Replica;
	readonly storage: MemoryAdapter;
	/** What a power cut leaves: all that was confirmed; opened again on it. */
	restart(): Promise<void>;
}

type Wanted = Pick<OpenOptions, 'name' | 'keeps'> & Partial<OpenOptions>;

/** A replica in memory that ends with the test. */
export async function openDevice(wanted: Wanted, storage = memory()): Promise<Device> {
	const open = () => openReplica({ chain: 'scenario', storage, ...wanted });
	const device: Device = {
		replica: await open(),
		storage,
		async restart() {
			storage.crash();
			device.replica = await open();
		},
	};
	onTestFinished(async () => {
		await device.replica.shutdown().catch(() => {}); // a crashed one may not like it
	});
	return device;
}

export function connect(a: Replica, b: Replica, options?: MemoryLinkOptions): MemoryLink {
	const line = memoryLink(options);
	a.addLink(line.a);
	b.addLink(line.b);
	return line;
}

/** Resolves when all of them show the same figures of the ledger. */
export async function untilEqual(ledger: string, replicas: readonly Replica[], timeoutMs = 30_000): Promise<void> {
	for (const untilMs = Date.now() + timeoutMs; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
		if (new Set(replicas.map((replica) => replica.digest(ledger))).size === 1) return;
		if (Date.now() > untilMs) throw new Error(`${ledger} differs after ${timeoutMs} ms`);
	}
}
