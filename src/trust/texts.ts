/**
 * What people carry between machines that have no line: by QR code, by paper, by file.
 *
 *   text        = `tillmesh-` kind `:1:` base64url of the content (RFC 4648, section 5, no padding)
 *   root        = key:32
 *   keys        = publicKey:32 secret:bytes credential:bytes (empty for the root)
 *   credential  = as in certificate.ts
 *   request     = as in request.ts
 *
 * White space counts for nothing, since texts break over lines; lines that begin with # are for people.
 */
import { createDecoder, hasContent } from 'lib0/decoding';
import { fromBase64, toBase64 } from '../base/base64.js';
import { equalBytes } from '../base/bytes.js';
import { bytes, bytesOrNone, encoded, type Field, fixed, record } from '../base/codec.js';
import { BadArgument } from '../base/errors.js';
import { type Certificate, decodeCredential } from './certificate.js';
import type { EnrolledKeys } from './credential.js';

type Kind = 'root' | 'keys' | 'credential' | 'request';

const prefixOf = (kind: Kind): string => `tillmesh-${kind}:1:`;

export function writeText(kind: Kind, content: Uint8Array): string {
	return prefixOf(kind) + toBase64(content).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Throws `BadArgument` that names `path` for anything but such a text. */
export function readText(path: string, kind: Kind, text: string): Uint8Array {
	const prefix = prefixOf(kind);
	const plain = typeof text === 'string' ? text.replace(/^#.*$/gm, '').replace(/\s/g, '') : '';
	const standard = plain.slice(prefix.length).replaceAll('-', '+').replaceAll('_', '/');
	const content = fromBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='));
	if (!plain.startsWith(prefix) || !content || content.length === 0)
		throw new BadArgument(path, `expected a text that begins with ${prefix} and is whole.`);
	return content;
}

/** Reads all of it by `field`. Throws `BadArgument` for bytes that end early, or late. */
export function readWhole<T>(path: string, field: Field<T>, content: Uint8Array): T {
	try {
		const from = createDecoder(content);
		const value = field.read(from);
		if (!hasContent(from)) return value;
	} catch {
		// The decoders throw on bytes that end early.
	}
	throw new BadArgument(path, 'is damaged: some of it is missing or was changed.');
}

/** The public root key of a chain as a text, for programs' settings and for auditors. */
export const rootText = (root: Uint8Array): string => writeText('root', root);

export const readRoot = (text: string): Uint8Array => readWhole('root', fixed(32), readText('root', 'root', text));

export const credentialText = (credential: Uint8Array): string => writeText('credential', credential);

/** The bytes of a credential; nothing is proved yet. */
export function readCredential(text: string): Uint8Array {
	const credential = readText('credential', 'credential', text);
	if (!decodeCredential(credential)) throw new BadArgument('credential', 'is damaged: some of it is missing.');
	return credential;
}

const keys = record<Required<EnrolledKeys>>({
	publicKey: fixed(32),
	secret: bytes,
	credential: bytesOrNone as Field<Uint8Array>, // the root's is absent
});

/** A key that signs, with its secret: for a file that only its owner can read. */
export const keysText = (pair: EnrolledKeys): string =>
	writeText(
		'keys',
		encoded((to) => keys.write(to, pair as Required<EnrolledKeys>)),
	);

/** Throws `BadArgument` for a damaged text, and for a credential of another key. */
export function readKeys(text: string): EnrolledKeys {
	const pair = readWhole('keys', keys, readText('keys', 'keys', text));
	const [own] = issuerOf(pair).certificates;
	if (pair.credential && !(own && equalBytes(own.subject, pair.publicKey)))
		throw new BadArgument('keys', 'the credential in it is damaged, or of another key.');
	return pair;
}

/** The certificate of whoever signs, and the root it goes up to; without a certificate it is the root itself. */
export function issuerOf({ publicKey, credential }: EnrolledKeys): {
	readonly root: Uint8Array;
	readonly certificates: readonly Certificate[];
} {
	const certificates = credential ? (decodeCredential(credential) ?? []) : [];
	return { root: certificates[0]?.chain ?? publicKey, certificates };
}
