import { createReadStream, existsSync, statSync } from 'node:fs';
import { type Verified, verifyLog } from '../../src/inspect/audit-verify.js';
import type { Wrong as LogWrong } from '../../src/inspect/audit-wrongs.js';
import { nodeCrypto } from '../platform-node/crypto.js';
import { Wrong } from '../relay/cli/words.js';
import type { Call } from './call.js';
import { oneLine } from './table.js';
import { rootFrom } from './trust/key-file.js';

const progressMs = 1_000;

/** `tillmesh verify-log`: 0 where the log is as its devices signed it, else 1. */
export async function runVerifyLog(call: Call): Promise<number> {
	const { subject: file, texts } = call;
	if (!existsSync(file) || statSync(file).isDirectory()) throw new Wrong(texts.file.missing(file));
	const key = call.option('root');
	const root = key === undefined ? undefined : rootFrom(key, texts);
	const size = Math.max(1, statSync(file).size);
	let toldMs = call.nowMs();
	const verified = await verifyLog(createReadStream(file, { highWaterMark: 1024 * 1024 }), {
		crypto: nodeCrypto,
		root,
		progress: ({ bytes, rows }) => {
			if (!call.isWatched || call.nowMs() - toldMs < progressMs) return;
			toldMs = call.nowMs();
			call.complain(`\r${texts.verify.progress(rows, Math.floor((bytes / size) * 100))}`);
		},
	});
	if (call.isWatched) call.complain('\r\x1b[K');
	await call.say(
		call.has('json')
			? `${JSON.stringify({ ...verified, wrong: verified.wrong ?? null })}\n`
			: verifiedText(verified, call),
	);
	return verified.wrong ? 1 : 0;
}

function verifiedText(verified: Verified, { texts: { verify: words } }: Call): string {
	const { wrong, chain, from, to, unsealed, covered, notHere, rights } = verified;
	if (wrong) return `${[words.bad, ...wrongLines(wrong, words)].join('\n')}\n`;
	const time = from === null && to === null ? words.all : `${from ?? '…'} – ${to ?? '…'}`;
	return [
		words.good,
		rights ? words.byRight : words.rightsUnknown,
		'',
		`  ${words.chain}: ${oneLine(chain)}`,
		`  ${words.time}: ${time}`,
		`  ${words.counts(verified)}`,
		...covered.map(({ rows, ledger, checkpoint }) => `  ${words.covered(rows, oneLine(ledger), checkpoint)}`),
		...(unsealed > 0 ? [`  ${words.unsealed(unsealed)}`] : []),
		...(notHere > 0 ? [`  ${words.notHere(notHere)}`] : []),
		'',
	].join('\n');
}

function wrongLines(wrong: LogWrong, words: Call['texts']['verify']): string[] {
	const { where } = words;
	const { line, code, epoch, ledger, device, name, row, fromRow, field, said, is, why } = wrong;
	const rows = fromRow !== undefined && row !== undefined && fromRow < row ? `${fromRow}–${row}` : row;
	const facts: [string, string | number | undefined][] = [
		[where.ledger, ledger],
		[where.device, name === undefined ? device : `${name} (${device})`],
		[where.epoch, epoch],
		[where.row, rows],
		[where.field, field],
		[where.said, said],
		[where.is, is],
		[where.why, why],
	];
	return [
		`${where.line(line)}: ${words.wrong[code]} (${code})`,
		...facts.flatMap(([what, value]) => (value === undefined ? [] : [`  ${what}: ${oneLine(String(value))}`])),
	];
}
