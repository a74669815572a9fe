import { utf8 } from '../../../src/base/bytes.js';
import type { Archive } from '../../../src/inspect/archive.js';
import { exportLog } from '../../../src/inspect/audit-export.js';
import { digestNext, digestStart, endLine, type LogCounts } from '../../../src/inspect/audit-lines.js';
import { type Verified, type VerifyOptions, verifyLog } from '../../../src/inspect/audit-verify.js';
import type { Crypto } from '../../../src/ports/index.js';

const nowMs = Date.UTC(2026, 1, 14);

/** The lines of an audit log. */
export async function linesOf(
	archive: Archive,
	{ sha256 }: Crypto,
	time: { fromMs?: number; toMs?: number } = {},
): Promise<string[]> {
	const lines: string[] = [];
	for await (const line of exportLog(archive, { ...time, nowMs, sha256 })) lines.push(line);
	return lines;
}

export const fileOf = (lines: readonly string[]): Uint8Array => utf8(`${lines.join('\n')}\n`);

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function checked(
	file: Uint8Array,
	crypto: Crypto,
	more: Partial<VerifyOptions> & { pieceBytes?: number } = {},
): Promise<Verified> {
	const { pieceBytes = 4_096, ...options } = more;
	return verifyLog(inPieces(file, pieceBytes), { crypto, ...options });
}

/** As somebody would who knows the form: the sums of the last line fit again. */
export function withEnd(lines: readonly string[], { sha256 }: Crypto, counts?: Partial<LogCounts>): string[] {
	const body = lines.filter((line) => !line.startsWith('{"type":"end"'));
	const count = (type: string) => body.filter((line) => line.startsWith(`{"type":"${type}"`)).length;
	const all = { epochs: count('epoch'), rows: count('row'), seals: count('seal'), checkpoints: count('checkpoint') };
	let digest = digestStart();
	for (const line of body) digest = digestNext(digest, utf8(line), sha256);
	return [...body, endLine({ ...all, ...counts }, digest, sha256)];
}

/** Line of a byte, from 1. */
export const lineAt = (file: Uint8Array, at: number): number =>
	file.subarray(0, at).reduce((lines, byte) => lines + Number(byte === 0x0a), 1);
