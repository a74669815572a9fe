/**
 * The escrow figures of a checkpoint, in one canonical order (docs/FORMAT.md):
 *
 *   devices = count text*                    every device named below, once; later fields carry its number
 *   pools   = count (pool:text minted:signed overdrawn:signed count (device share:signed held:signed spent:signed)*)*
 *   holds   = count (hold:text pool:text device amount leaseMs)*
 *   docs    = count (key:text count (device amount)*)*
 *   exceptions, fences, stopped, grants      likewise
 */
import type { Decoder } from 'lib0/decoding';
import type { Encoder } from 'lib0/encoding';
import { compareStrings } from '../base/bytes.js';
import { type Field, list, mapOf, number, record, signed, text } from '../base/codec.js';
import type { DeviceId, EpochId } from '../base/ids.js';
import { add } from '../base/number.js';
import type { Fence } from '../journal/checkpoint.js';
import { positions } from '../journal/leg-codec.js';
import { type EscrowFigures, type Exception, type Hold, nextVersion, type Pool, type Share } from './share.js';

interface PoolSums {
	readonly minted: number;
	readonly overdrawn: number;
	readonly shares: ReadonlyMap<DeviceId, Share>;
}

const heads: Field<ReadonlyMap<EpochId, number>> = {
	write(to, map) {
		const sorted = [...map].sort((a, b) => a[0] - b[0]);
		positions.write(
			to,
			sorted.map(([epoch, count]) => ({ epoch, count })),
		);
	},
	read: (from) => new Map(positions.read(from).map((at) => [at.epoch, at.count])),
};
const devicesField = list(text);
/** Read by hand: a till has one for each product and device, and reads them all whenever it opens. */
const share: Field<Share> = {
	...record<Share>({ share: signed, held: signed, spent: signed }),
	read: (from) => ({ share: signed.read(from), held: signed.read(from), spent: signed.read(from) }),
};

const kinds: readonly string[] = ['oversell', 'double-mint', 'double-key'];
const kind: Field<Exception['kind']> = {
	write: text.write,
	read(from) {
		const read = text.read(from);
		if (!kinds.includes(read)) throw new RangeError('unknown exception');
		return read as Exception['kind'];
	},
};

/** Devices are written as their numbers in the list at the head. */
function figuresField(devices: readonly DeviceId[]) {
	const numbers = new Map(devices.map((device, i) => [device, i]));
	const device: Field<DeviceId> = {
		write: (to, id) => number.write(to, numbers.get(id) ?? 0),
		read(from) {
			const known = devices[number.read(from)];
			if (known === undefined) throw new RangeError('unknown device number');
			return known;
		},
	};
	return record({
		pools: mapOf(text, record<PoolSums>({ minted: signed, overdrawn: signed, shares: mapOf(device, share) })),
		holds: mapOf(text, record<Hold>({ pool: text, device, amount: number, leaseMs: number })),
		documents: mapOf(text, mapOf(device, number)),
		exceptions: list(
			record<Exception>({
				id: text,
				kind,
				subject: text,
				operator: text,
				reason: text,
				amount: signed,
				devices: list(device),
			}),
		),
		fences: list(record<Fence>({ device: text, heads: positions })),
		stopped: mapOf(text, number),
		grantsTo: mapOf(device, heads),
	});
}

/** Who has or had nothing is not named: a device with zeros is the same as none. */
function sumsOf({ minted, overdrawn, shares }: Pool): PoolSums {
	const held = [...shares].filter(([, s]) => s.share !== 0 || s.held !== 0 || s.spent !== 0);
	return { minted, overdrawn, shares: new Map(held) };
}

export function writeEscrow(to: Encoder, f: EscrowFigures): void {
	const pools = new Map([...f.pools].map(([id, pool]) => [id, sumsOf(pool)]));
	const { holds, documents, stopped, grantsTo } = f;
	const exceptions = [...f.exceptions.values()].sort((a, b) => compareStrings(a.id, b.id));
	const line = (fence: Fence) => `${fence.device} ${JSON.stringify(fence.heads)}`;
	const fences = [...f.fences].sort((a, b) => compareStrings(line(a), line(b)));
	const named = new Set<DeviceId>(grantsTo.keys());
	for (const { shares } of pools.values()) for (const device of shares.keys()) named.add(device);
	for (const minters of documents.values()) for (const device of minters.keys()) named.add(device);
	for (const hold of holds.values()) named.add(hold.device);
	for (const exception of exceptions) for (const device of exception.devices) named.add(device);
	const devices = [...named].sort();
	devicesField.write(to, devices);
	figuresField(devices).write(to, { pools, holds, documents, exceptions, fences, stopped, grantsTo });
}

/** Throws where the bytes are no figures. */
export function readEscrow(from: Decoder, f: EscrowFigures): void {
	const read = figuresField(devicesField.read(from)).read(from);
	for (const [id, { minted, overdrawn, shares }] of read.pools) {
		const pool = f.pool(id);
		pool.minted = minted;
		pool.overdrawn = overdrawn;
		for (const [device, s] of shares) {
			pool.shares.set(device, s);
			pool.held = add(pool.held, s.held);
			pool.spent = add(pool.spent, s.spent);
		}
	}
	for (const [id, hold] of read.holds) f.holds.set(id, hold);
	for (const [key, minters] of read.documents) f.documents.set(key, new Map(minters));
	for (const exception of read.exceptions) f.exceptions.set(exception.id, exception);
	for (const fence of read.fences) f.fences.push(fence);
	for (const [pool, code] of read.stopped) f.stopped.set(pool, code);
	for (const [device, granted] of read.grantsTo) f.grantsTo.set(device, new Map(granted));
	f.grantsVersion = nextVersion();
}
