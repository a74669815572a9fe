/** What a bench hands to whoever prints it. */
export interface Table {
	readonly title: string;
	/** How it was measured, in a sentence or two. */
	readonly note?: string;
	readonly columns: readonly string[];
	readonly rows: readonly (readonly (string | number)[])[];
	/** The figures that a bar is set on, by name with the unit last: `parseSingleUs`. */
	readonly figures: Readonly<Record<string, number>>;
}

export interface BenchOptions {
	/** Fewer and shorter rounds: to see that it runs, not to keep. */
	readonly quick?: boolean;
}

function cells(table: Table): string[][] {
	return [table.columns, ...table.rows].map((row) => row.map(String));
}

/** For a terminal: the first column to the left, the others to the right. */
export function toText(table: Table): string {
	const lines = cells(table);
	const widths = table.columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
	const text = lines.map((line) =>
		line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
	);
	return [table.title, ...(table.note ? [table.note] : []), '', ...text].join('\n');
}

export function toMarkdown(table: Table): string {
	const [head = [], ...rows] = cells(table);
	const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
	const rule = line(head.map((_, i) => (i === 0 ? '---' : '---:')));
	return [`## ${table.title}`, '', ...(table.note ? [table.note, ''] : []), line(head), rule, ...rows.map(line)].join(
		'\n',
	);
}
