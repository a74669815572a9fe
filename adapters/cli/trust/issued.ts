import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { toHex } from '../../../src/base/bytes.js';
import type { Answer } from '../../../src/trust.js';

/** One line of the list of what a key has signed. */
interface Issued {
	readonly name: string;
	readonly role: string;
	readonly key: string;
	readonly device: string;
	readonly atMs: number;
	readonly notAfterMs: number;
	readonly replaces?: string;
}

/** Beside the key: `sh-014.key` has `sh-014.issued.ndjson`. */
const listOf = (keyFile: string): string => `${keyFile.replace(/\.key$/, '')}.issued.ndjson`;

export function noteIssued(keyFile: string, answer: Answer, device: string, atMs: number): void {
	const { name, role, key, notAfterMs, replaces } = answer;
	const line: Issued = {
		name,
		role,
		key: toHex(key),
		device,
		atMs,
		notAfterMs,
		...(replaces && { replaces: toHex(replaces) }),
	};
	appendFileSync(listOf(keyFile), `${JSON.stringify(line)}\n`, { mode: 0o600 });
}

/** The key that was last signed for a device of that name. */
export function lastIssued(keyFile: string, name: string): Uint8Array | undefined {
	const file = listOf(keyFile);
	if (!existsSync(file)) return undefined;
	const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean).reverse();
	const found = lines.map((line) => JSON.parse(line) as Issued).find((each) => each.name === name);
	return found && new Uint8Array(Buffer.from(found.key, 'hex'));
}
