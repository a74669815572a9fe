import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type EnrolledKeys, keysText, readKeys, readRoot } from '../../../src/trust.js';
import { Wrong } from '../../relay/cli/words.js';
import type { DeskTexts } from '../texts.js';

/** On Windows rights are no bits of a file: it has those of its folder. */
const hasModes = process.platform !== 'win32';

/** A new file that only its owner can read, in a folder that is theirs alone where it is made now. On disk when it returns. */
export function writeSecret(path: string, text: string, { file: words }: DeskTexts): void {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	writeNew(path, text, 0o600, words.exists(path));
}

/** For everybody to read. */
export function writePublic(path: string, text: string, { file: words }: DeskTexts): void {
	writeNew(path, text, 0o644, words.exists(path));
}

function writeNew(path: string, text: string, mode: number, exists: string): void {
	let file: number;
	try {
		file = openSync(path, 'wx', mode);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Wrong(exists);
		throw error;
	}
	try {
		writeSync(file, text);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
}

/** Keys that somebody else can read are refused, as ssh does: who knows who has them by now. */
function checkOwn(path: string, texts: DeskTexts): void {
	if (!existsSync(path) || statSync(path).isDirectory()) throw new Wrong(texts.file.missing(path));
	if (hasModes && (statSync(path).mode & 0o077) !== 0) throw new Wrong(texts.trust.tooOpen(path));
}

export function readKeyFile(path: string, texts: DeskTexts): EnrolledKeys {
	checkOwn(path, texts);
	return readKeys(readFileSync(path, 'utf8'));
}

/** A file of a key with its secret, and what people must know who find it. */
export const keyFileText = (about: readonly string[], pair: EnrolledKeys): string =>
	`${about.map((line) => `# ${line}\n`).join('')}${keysText(pair)}\n`;

/** A root's public key: the text itself, or a file that has it. */
export function rootFrom(value: string, { file: words }: DeskTexts): Uint8Array {
	if (value.startsWith('tillmesh-root:')) return readRoot(value);
	if (!existsSync(value) || statSync(value).isDirectory()) throw new Wrong(words.missing(value));
	return readRoot(readFileSync(value, 'utf8'));
}

/** The key of an encrypted storage: 32 bytes as they are, or in hex. */
export function readDataKey(path: string, texts: DeskTexts): Uint8Array {
	checkOwn(path, texts);
	const content = readFileSync(path);
	if (content.length === 32) return new Uint8Array(content);
	const hex = content.toString('latin1').trim();
	if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Wrong(texts.trust.noDataKey(path));
	return new Uint8Array(Buffer.from(hex, 'hex'));
}
