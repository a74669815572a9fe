import { columns } from '../relay/cli/banner.js';

/** Rows under their heading, as wide as they must be; all columns but the first are to the right. */
export function tableText(heading: readonly string[], rows: readonly (readonly string[])[]): string {
	const all = [heading, ...rows];
	const widths = heading.map((_, i) => Math.max(...all.map((row) => columns(row[i] ?? ''))));
	const line = (row: readonly string[]) =>
		row
			.map((cell, i) => {
				const space = ' '.repeat(Math.max(0, (widths[i] ?? 0) - columns(cell)));
				return i === 0 ? cell + space : space + cell;
			})
			.join('  ')
			.trimEnd();
	return `${all.map((row) => `  ${line(row)}`).join('\n')}\n`;
}

const two = (n: number) => String(n).padStart(2, '0');

/** `2026-02-14 11:03:22` by this machine's clock. */
export function timeText(ms: number): string {
	const at = new Date(ms);
	const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
	return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `1.4 MB`: for people. */
export function bytesText(bytes: number): string {
	if (bytes < 1_000) return `${bytes} B`;
	return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** One line, whatever is in it: a name must not move the cursor of whoever reads. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
