import { BadInput } from './input.js';

/** Rows of a comma-separated text with a header line; fields may be quoted, and a quote inside is written twice. */
export function parseCsv(text: string, file: string): ReadonlyMap<string, string>[] {
	const [header, ...rows] = records(text);
	if (!header) throw new BadInput(`${file} is empty.`);
	return rows.map((row, i) => {
		if (row.length !== header.length)
			throw new BadInput(`${file}, record ${i + 2}: ${row.length} fields, the header has ${header.length}.`);
		return new Map(header.map((name, at) => [name, row[at] ?? '']));
	});
}

/** A quoted field, or everything up to the next comma or end of line; then what ended it. */
const field = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/y;

function records(text: string): string[][] {
	const found: string[][] = [];
	let record: string[] = [];
	for (field.lastIndex = 0; field.lastIndex < text.length; ) {
		const at = field.lastIndex;
		const match = field.exec(text);
		if (!match) throw new BadInput(`A quoted field does not end: ${text.slice(at, at + 30)}`);
		const [, quoted, plain = '', end] = match;
		record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
		if (end === ',' && field.lastIndex < text.length) continue;
		if (end === ',') record.push('');
		if (record.length > 1 || record[0] !== '') found.push(record);
		record = [];
	}
	return found;
}
