import { BadArgument } from '../base/errors.js';
import { checkName, limits } from '../base/limits.js';
import type { Crypto } from '../ports/index.js';
import {
	type Certificate,
	type CertificateFields,
	certificatesMax,
	decodeCredential,
	encodeContent,
	encodeCredential,
	signedBytes,
} from './certificate.js';
import { type EnrolledKeys, objection } from './credential.js';
import { isAmong } from './grant.js';

/**
 * A credential for `fields.subject`: a certificate that `issuer` signs, and those above it. The root's pair has no
 * credential. Throws `BadArgument` where the issuer may not give it, or where a field does not fit.
 */
export async function issue(crypto: Crypto, issuer: EnrolledKeys, fields: CertificateFields): Promise<Uint8Array> {
	checkName('name', fields.name);
	if (fields.subject.length !== 32) throw new BadArgument('subject', 'expected a key of 32 bytes.');
	if (!(fields.notBeforeMs < fields.notAfterMs))
		throw new BadArgument('notAfterMs', 'expected a time past notBeforeMs.');
	for (const { verbs = [], limits: most = {} } of fields.grants)
		for (const [verb, limit] of Object.entries(most))
			if (!isAmong(verbs, verb) || !Number.isSafeInteger(limit) || limit < 0)
				throw new BadArgument(`limits.${verb}`, 'expected a whole number from 0, for a verb of the same grant.');
	const above = issuer.credential ? decodeCredential(issuer.credential) : [];
	const [by] = above ?? [];
	if (!above || above.length >= certificatesMax) throw new BadArgument('issuer', 'has no credential to sign under.');
	const no = by && objection(fields, by);
	if (no) throw new BadArgument('issuer', no === 'widened' ? 'may not allow that much.' : 'may not sign for it.');
	const content = encodeContent({ ...fields, chain: by?.chain ?? issuer.publicKey, issuer: issuer.publicKey });
	const signature = await crypto.sign(issuer, signedBytes(content));
	const credential = encodeCredential([{ content, signature } as Certificate, ...above]);
	if (!decodeCredential(credential))
		throw new BadArgument('fields', `do not fit ${limits.credentialBytes} bytes in their one form.`);
	return credential;
}
