/**
 * Hash chain and seals (JRN8). The chain is computed by every reader and stored in none:
 *
 *   h(0) = SHA-256(`tillmesh/1 <segment name> <root name>`)      h(n) = SHA-256(h(n-1) || entry n-1)
 *
 * A seal is an Ed25519 signature by the journal's device over `tillmesh/seal/1`, epoch, count and h(count).
 */
import { first53Bits, utf8 } from '../base/bytes.js';
import type { DeviceId, EpochId } from '../base/ids.js';
import type { Crypto, KeyPair } from '../ports/index.js';
import { type EpochName, rootName, segmentName } from './epoch.js';
import { varintLength, writeVarint } from './varint.js';

export interface Seal {
	readonly epoch: EpochId;
	readonly count: number;
	readonly signature: Uint8Array;
}

export type Sha256 = (data: Uint8Array) => Uint8Array;

export function chainStart(name: EpochName, sha256: Sha256): Uint8Array {
	return sha256(utf8(`tillmesh/1 ${segmentName(name.ledger, name.segment)} ${rootName(name)}`));
}

let link = new Uint8Array(1024);

export function chainNext(hash: Uint8Array, entry: Uint8Array, sha256: Sha256): Uint8Array {
	const length = hash.length + entry.length;
	if (link.length < length) link = new Uint8Array(length * 2);
	link.set(hash);
	link.set(entry, hash.length);
	return sha256(link.subarray(0, length));
}

/** A device's name is its key: nobody else can sign under it, and no list of keys is needed to check. */
export function deviceIdOf(publicKey: Uint8Array, sha256: Sha256): DeviceId {
	const digest = sha256(publicKey);
	return first53Bits(digest).toString(36).padStart(11, '0') + first53Bits(digest, 8).toString(36).padStart(11, '0');
}

const sealName = utf8('tillmesh/seal/1');

/** The name with its length before, two varints and the hash. */
function sealedBytes(epoch: EpochId, count: number, hash: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(1 + sealName.length + varintLength(epoch) + varintLength(count) + hash.length);
	bytes[0] = sealName.length;
	bytes.set(sealName, 1);
	let at = writeVarint(bytes, 1 + sealName.length, epoch);
	at = writeVarint(bytes, at, count);
	bytes.set(hash, at);
	return bytes;
}

export async function seal(
	crypto: Crypto,
	pair: KeyPair,
	epoch: EpochId,
	count: number,
	hash: Uint8Array,
): Promise<Seal> {
	return { epoch, count, signature: await crypto.sign(pair, sealedBytes(epoch, count, hash)) };
}

export function verifySeal(crypto: Crypto, key: Uint8Array, seal: Seal, hash: Uint8Array): Promise<boolean> {
	return crypto.verify(key, sealedBytes(seal.epoch, seal.count, hash), seal.signature);
}
