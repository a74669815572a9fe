/** A certificate for this machine that signs itself (RFC 5280): Node makes keys and signatures, and no certificates. */
import { generateKeyPairSync, sign } from 'node:crypto';

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
	const body = Buffer.concat(parts);
	const { length } = body;
	const head =
		length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
	return Buffer.concat([Buffer.from(head), body]);
};
const bytes = (...of: readonly number[]): Buffer => Buffer.from(of);
const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
const oid = (...of: readonly number[]): Buffer => tlv(0x06, bytes(...of));
const time = (ms: number): Buffer => tlv(0x18, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')));

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const commonName = oid(0x55, 0x04, 0x03);
const alternativeNames = oid(0x55, 0x1d, 0x11);

const pem = (label: string, der: Uint8Array): string =>
	`-----BEGIN ${label}-----\n${Buffer.from(der)
		.toString('base64')
		.replace(/(.{64})/g, '$1\n')}\n-----END ${label}-----\n`;

export function selfSigned(): { readonly cert: string; readonly key: string } {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
	const name = sequence(tlv(0x31, sequence(commonName, tlv(0x0c, Buffer.from('store relay')))));
	const names = sequence(tlv(0x82, Buffer.from('localhost')), tlv(0x87, bytes(127, 0, 0, 1)));
	const content = sequence(
		tlv(0xa0, tlv(0x02, bytes(2))), // version 3
		tlv(0x02, bytes(1)),
		ecdsaWithSha256,
		name,
		sequence(time(Date.now() - 60_000), time(Date.now() + 3_600_000)),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		tlv(0xa3, sequence(sequence(alternativeNames, tlv(0x04, names)))),
	);
	const signature = tlv(0x03, bytes(0), sign('sha256', content, privateKey));
	return {
		cert: pem('CERTIFICATE', sequence(content, ecdsaWithSha256, signature)),
		key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
	};
}
