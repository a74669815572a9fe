/**
 * The escrow figures of a checkpoint, in one canonical order (docs/FORMAT.md):
 *
 *   devices = count text*                    every device named below, once; later fields carry its number
 *   pools   = count (pool:text minted overdrawn count (device share:signed held:signed spent)*)*
 *   holds   = count (hold:text pool:text device amount leaseMs)*
 *   docs    = count (key:text count (device amount)*)*
 *   exceptions, fences, stopped, grants      likewise
 */
import { type Decoder, readVarString as text } from 'lib0/decoding';
import {
	type Encoder,
	writeVarUint as putNumber,
	writeVarInt as putSigned,
	writeVarString as putText,
} from 'lib0/encoding';
import { compareStrings } from '../base/bytes.js';
import { readList, writeList } from '../base/codec.js';
import type { DeviceId } from '../base/ids.js';
import { bounded, readNumber as number, readSigned as signed } from '../base/number.js';
import { positions } from '../journal/leg-codec.js';
import { type EscrowFigures, type Exception, nextVersion, type Pool, type Share } from './share.js';

export function sortedEntries<V>(map: ReadonlyMap<string, V>): [string, V][] {
	return [...map].sort((a, b) => compareStrings(a[0], b[0]));
}

/** Who has or had nothing is not named: a device with zeros is the same as none. */
function heldShares(pool: Pool): [DeviceId, Share][] {
	return sortedEntries(pool.shares).filter(([, s]) => s.share !== 0 || s.held !== 0 || s.spent !== 0);
}

function devicesOf(f: EscrowFigures): DeviceId[] {
	const devices = new Set<DeviceId>();
	for (const pool of f.pools.values()) for (const [device] of heldShares(pool)) devices.add(device);
	for (const minters of f.documents.values()) for (const device of minters.keys()) devices.add(device);
	for (const hold of f.holds.values()) devices.add(hold.device);
	for (const exception of f.exceptions.values()) for (const device of exception.devices) devices.add(device);
	for (const device of f.grantsTo.keys()) devices.add(device);
	return [...devices].sort();
}

export function writeEscrow(to: Encoder, f: EscrowFigures): void {
	const devices = devicesOf(f);
	const numbers = new Map(devices.map((device, i) => [device, i]));
	const putDevice = (device: DeviceId) => putNumber(to, numbers.get(device) ?? 0);
	writeList(to, devices, (device) => putText(to, device));
	writeList(to, sortedEntries(f.pools), ([id, pool]) => {
		putText(to, id);
		putNumber(to, bounded(pool.minted));
		putNumber(to, bounded(pool.overdrawn));
		writeList(to, heldShares(pool), ([device, s]) => {
			putDevice(device);
			putSigned(to, bounded(s.share));
			putSigned(to, bounded(s.held));
			putSigned(to, bounded(s.spent));
		});
	});
	writeList(to, sortedEntries(f.holds), ([id, hold]) => {
		putText(to, id);
		putText(to, hold.pool);
		putDevice(hold.device);
		putNumber(to, hold.amount);
		putNumber(to, hold.leaseMs);
	});
	writeList(to, sortedEntries(f.documents), ([key, minters]) => {
		putText(to, key);
		writeList(to, sortedEntries(minters), ([device, amount]) => {
			putDevice(device);
			putNumber(to, amount);
		});
	});
	writeList(to, sortedEntries(f.exceptions), ([, exception]) => writeException(to, exception, putDevice));
	const fences = [...f.fences].sort(
		(a, b) => compareStrings(a.device, b.device) || compareStrings(JSON.stringify(a.heads), JSON.stringify(b.heads)),
	);
	writeList(to, fences, (fence) => {
		putText(to, fence.device);
		positions.write(to, fence.heads);
	});
	writeList(to, sortedEntries(f.stopped), ([pool, code]) => {
		putText(to, pool);
		putNumber(to, code);
	});
	writeList(to, sortedEntries(f.grantsTo), ([device, heads]) => {
		putDevice(device);
		const granted = [...heads].map(([epoch, count]) => ({ epoch, count }));
		positions.write(
			to,
			granted.sort((a, b) => a.epoch - b.epoch),
		);
	});
}

function writeException(to: Encoder, e: Exception, putDevice: (device: DeviceId) => void): void {
	for (const field of [e.id, e.kind, e.subject, e.operator, e.reason]) putText(to, field);
	putNumber(to, bounded(e.amount));
	writeList(to, e.devices, putDevice);
}

export function readEscrow(from: Decoder, f: EscrowFigures): void {
	const devices = readList(from, () => text(from));
	const device = (): DeviceId => {
		const known = devices[number(from)];
		if (known === undefined) throw new RangeError('unknown device number');
		return known;
	};
	readList(from, () => {
		const pool = f.pool(text(from));
		pool.minted = number(from);
		pool.overdrawn = number(from);
		readList(from, () => {
			const share = pool.of(device());
			share.share = signed(from);
			share.held = signed(from);
			share.spent = signed(from);
			pool.held += share.held;
			pool.spent += share.spent;
		});
	});
	readList(from, () => {
		const id = text(from);
		f.holds.set(id, { pool: text(from), device: device(), amount: number(from), leaseMs: number(from) });
	});
	readList(from, () => {
		f.documents.set(text(from), new Map(readList(from, () => [device(), number(from)] as const)));
	});
	readList(from, () => {
		const exception = readException(from, device);
		f.exceptions.set(exception.id, exception);
	});
	readList(from, () => f.fences.push({ kind: 'fence', device: text(from), heads: positions.read(from) }));
	readList(from, () => f.stopped.set(text(from), number(from)));
	readList(from, () => {
		const to = device();
		f.grantsTo.set(to, new Map(positions.read(from).map((at) => [at.epoch, at.count])));
	});
	f.grantsVersion = nextVersion();
}

function readException(from: Decoder, device: () => DeviceId): Exception {
	const [id, kind, subject, operator, reason] = [text(from), text(from), text(from), text(from), text(from)];
	if (kind !== 'oversell' && kind !== 'double-mint' && kind !== 'double-key') throw new RangeError('unknown exception');
	return { id, kind, subject, operator, reason, amount: number(from), devices: readList(from, device) };
}
