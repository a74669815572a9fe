import { readFileSync } from 'node:fs';
import { failures, refusals, TillmeshError } from 'tillmesh';
import { describe, expect, test } from 'vitest';
import { pathOf, readDoc } from './blocks.js';

const han = /\p{Script=Han}/u;

/** Rows of the table under a heading, their cells trimmed; a row begins with a code. */
function rowsUnder(heading: string): string[][] {
	const [, section = ''] = readDoc('docs/codes.md').split(`\n## ${heading}`);
	const [body = ''] = section.split('\n## ');
	return [...body.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) => row.split(' | ').map((cell) => cell.trim()));
}

const codeOf = (cell: string | undefined): string => /^`(\w+)`$/.exec(cell ?? '')?.[1] ?? '';

test('every refusal has one row, in the order of the source', () => {
	expect(rowsUnder('Refusals').map(([code]) => codeOf(code))).toEqual(Object.keys(refusals));
});

test('every failure has one row, in the order of the source', () => {
	expect(rowsUnder('Failures').map(([code]) => codeOf(code))).toEqual(Object.keys(failures));
});

test('every row has cause and advice, in English and in Chinese', () => {
	for (const row of [...rowsUnder('Refusals'), ...rowsUnder('Failures')]) {
		const [cause = '', advice = '', causeZh = '', adviceZh = ''] = row.slice(-4);
		for (const text of [cause, advice]) expect(text).toMatch(/^[A-Z].*\.$/);
		for (const text of [cause, advice]) expect(text).not.toMatch(han);
		for (const text of [causeZh, adviceZh]) expect(text).toMatch(han);
	}
});

test('flags say what the error says', () => {
	for (const [cell, , flags] of rowsUnder('Failures')) {
		const error = new TillmeshError(codeOf(cell) as keyof typeof failures, '');
		const said = [error.retryable ? 'again' : '', error.fatal ? 'reopen' : ''].filter(Boolean).join(', ') || '-';
		expect(`${codeOf(cell)} ${flags}`).toBe(`${codeOf(cell)} ${said}`);
	}
});

describe('rejected updates', () => {
	const named = rowsUnder('Rejected updates').flatMap(([codes = '', file = '']) =>
		[...codes.matchAll(/`(\w+)`/g)].map(([, code]) => ({ code, file: file.replaceAll('`', '') })),
	);

	test.each(named)('$code is in $file', ({ code, file }) => {
		expect(readFileSync(pathOf(file), 'utf8')).toMatch(new RegExp(`\\b${code}\\b`));
	});

	test('none is missing', () => {
		const declared = ['src/journal/gate.ts', 'src/journal/admission.ts'].flatMap((file) => {
			const source = readFileSync(pathOf(file), 'utf8');
			const [, union = ''] = /export type (?:GateRefusal|RunRefusal) =(.*?);$/ms.exec(source) ?? [];
			return [...union.matchAll(/^\t\| '(\w+)'/gm)].map(([, code]) => code);
		});
		const intake = readFileSync(pathOf('src/replica/intake.ts'), 'utf8');
		const [, own = ''] = /readonly code: GateRefusal \| RunRefusal \| (.*);/.exec(intake) ?? [];
		declared.push(...[...own.matchAll(/'(\w+)'/g)].map(([, code]) => code));
		expect(declared.length).toBeGreaterThan(20);
		// Not rejected: they only mean that something before has to come first.
		const asked = ['gap', 'lacks'];
		expect(declared.filter((code) => !asked.includes(code ?? '') && !named.some((n) => n.code === code))).toEqual([]);
	});
});
