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
export function readSecret(path: string, texts: DeskTexts): string {
	if (!existsSync(path) || statSync(path).isDirectory()) throw new Wrong(texts.file.missing(path));
	if (hasModes && (statSync(path).mode & 0o077) !== 0) throw new Wrong(texts.trust.tooOpen(path));
	return readFileSync(path, 'utf8');
}

export const readKeyFile = (path: string, texts: DeskTexts): EnrolledKeys => readKeys(readSecret(path, texts));

/** A file of a key with its secret, and what people must know who find it. */
export const keyFileText = (about: readonly string[], pair: EnrolledKeys): string =>
	`${about.map((line) => `# ${line}\n`).join('')}${keysText(pair)}\n`;

/** A root's public key: the text itself, or a file that has it. */
export function rootFrom(value: string, { file: words }: DeskTexts): Uint8Array {
	if (value.startsWith('tillmesh-root:')) return readRoot(value);
	if (!existsSync(value) || statSync(value).isDirectory()) throw new Wrong(words.missing(value));
	return readRoot(readFileSync(value, 'utf8'));
}
