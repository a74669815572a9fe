/**
 * Who is there. Each side says hello with a fresh nonce, then signs what it said together with the other's nonce and with
 * the channel that it says it in, so that neither a replayed nor a borrowed nor a relayed handshake proves anything:
 *
 *   signed = `tillmesh/proof/3`:text version:varuint hello-without-answers:bytes theirNonce:bytes theirDevice:text
 *            binding:bytes
 *
 * On a private link there is no channel: `tillmesh/proof/2`, and no binding. Which of them holds, each side knows by its link.
 */
import { writeVarUint } from 'lib0/encoding';
import { equalBytes } from '../base/bytes.js';
import { bytes, encoded, text } from '../base/codec.js';
import { deviceIdOf } from '../journal/seal.js';
import type { Crypto } from '../ports/index.js';
import { type Bye, encodeFrame, type Hello, type Introduction, protocol } from './frames.js';

export const nonceBytes = 16;
export const openingBytes = 8;
const nothing = new Uint8Array();

/** Without an `opening` that others share, it is of one of its own. */
export function createHello(
	introduction: Introduction,
	nonce: Uint8Array,
	opening: Uint8Array = nonce.slice(0, openingBytes),
): Hello {
	return { kind: 'hello', ...protocol, ...introduction, nonce, opening, answers: nothing };
}

/** The version that both speak; undefined where there is none. */
export function versionOf(mine: Hello, theirs: Hello): number | undefined {
	const version = Math.min(mine.newest, theirs.newest);
	return version >= Math.max(mine.oldest, theirs.oldest) ? version : undefined;
}

/** What `speaker` signs towards `listener`, over a channel of this binding. */
export function statement(speaker: Hello, listener: Hello, binding: Uint8Array = nothing): Uint8Array {
	return encoded((to) => {
		text.write(to, binding.length > 0 ? 'tillmesh/proof/3' : 'tillmesh/proof/2');
		writeVarUint(to, versionOf(speaker, listener) ?? 0);
		bytes.write(to, encodeFrame({ ...speaker, answers: nothing }));
		bytes.write(to, listener.nonce);
		text.write(to, listener.device);
		if (binding.length > 0) bytes.write(to, binding);
	});
}

/** Why this hello leads nowhere; undefined where it may. A looped line gives us our own nonce back. */
export function objection(mine: Hello, theirs: Hello, crypto: Crypto): Bye | undefined {
	if (versionOf(mine, theirs) === undefined) return 'unknown_version';
	if (mine.chain !== theirs.chain) return 'wrong_chain';
	if (deviceIdOf(theirs.key, crypto.sha256) !== theirs.device || equalBytes(mine.nonce, theirs.nonce))
		return 'bad_proof';
	return undefined;
}

export function verifyProof(
	crypto: Crypto,
	mine: Hello,
	theirs: Hello,
	signature: Uint8Array,
	binding?: Uint8Array,
): Promise<boolean> {
	return crypto.verify(theirs.key, statement(theirs, mine, binding), signature);
}
