import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { exportLog } from '../../src/inspect/audit-export.js';
import { nodeCrypto } from '../platform-node/crypto.js';
import { cliTexts } from '../relay/cli/texts.js';
import { Wrong } from '../relay/cli/words.js';
import type { Call } from './call.js';
import { openCalled } from './open-data.js';

/** Characters that are written at a time. */
const pieceChars = 256 * 1024;

/** `tillmesh export`: the file is there as a whole, under its name, or not at all. */
export async function runExport(call: Call): Promise<number> {
	const { texts, language } = call;
	const { wrong } = cliTexts[language];
	const format = call.option('format') ?? 'ndjson';
	if (format !== 'ndjson') throw new Wrong(wrong.value('--format', format, texts.expected.format));
	const when = (name: 'from' | 'to') => {
		const text = call.option(name);
		if (text === undefined) return undefined;
		const ms = name === 'from' ? instantOf(text, 0) : instantOf(text, 1);
		if (ms === undefined) throw new Wrong(wrong.value(`--${name}`, text, texts.expected.date));
		return ms;
	};
	const fromMs = when('from');
	const toMs = when('to');
	const out = call.option('out');
	if (out !== undefined && existsSync(out)) throw new Wrong(texts.file.exists(out));
	const data = await openCalled(call);
	try {
		const lines = exportLog(data.archive, {
			nowMs: call.nowMs(),
			sha256: nodeCrypto.sha256,
			...(fromMs !== undefined && { fromMs }),
			...(toMs !== undefined && { toMs }),
		});
		if (out === undefined) await writeAll(lines, (text) => call.say(text));
		else {
			const { rows, epochs } = await writeFile(out, lines);
			await call.say(`${texts.exported(rows, epochs, out)}\n`);
		}
		return 0;
	} finally {
		data.close();
	}
}

/** A day by this machine's calendar, `daysAfter` its beginning; or an instant. */
function instantOf(text: string, daysAfter: number): number | undefined {
	const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
	if (year !== undefined) {
		const at = new Date(Number(year), Number(month) - 1, Number(day));
		if (at.getMonth() !== Number(month) - 1 || at.getDate() !== Number(day)) return undefined;
		at.setDate(at.getDate() + daysAfter);
		return at.getTime();
	}
	const ms = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN;
	return Number.isNaN(ms) ? undefined : ms;
}

interface Written {
	readonly rows: number;
	readonly epochs: number;
}

async function writeAll(lines: AsyncIterable<string>, write: (text: string) => Promise<unknown>): Promise<Written> {
	let waiting = '';
	let rows = 0;
	let epochs = 0;
	for await (const line of lines) {
		if (line.startsWith('{"type":"row"')) rows++;
		else if (line.startsWith('{"type":"epoch"')) epochs++;
		waiting += `${line}\n`;
		if (waiting.length < pieceChars) continue;
		await write(waiting);
		waiting = '';
	}
	await write(waiting);
	return { rows, epochs };
}

async function writeFile(out: string, lines: AsyncIterable<string>): Promise<Written> {
	const unfinished = `${out}.unfinished`;
	const file = await open(unfinished, 'w');
	try {
		const written = await writeAll(lines, (text) => file.write(text));
		await file.sync();
		await file.close();
		await rename(unfinished, out);
		return written;
	} catch (error) {
		await file.close().catch(() => {}); // it is closed already, or the disk fails
		await rm(unfinished, { force: true });
		throw error;
	}
}
