import { readFileSync } from 'node:fs';
import { failures, refusals, TillmeshError } from 'tillmesh';
import { describe, expect, test } from 'vitest';
import { type RetailRefusal, retailRefusals } from '../../src/retail/shop/refusals.js';
import { pathOf, readDoc } from './blocks.js';

/** Kinds of exceptions and alerts of the retail layer, beside those of the ground. */
const shopKinds = [
	'oversell',
	'debt',
	'variance',
	'reallocation',
	'double_settle',
	'late_change',
	'refund_request',
	'low-stock',
	'large-refund',
	'task',
	'till-silent',
	'waitlist_free',
	'double_offer',
	'double_receipt',
	'double_credit',
	'payment_left',
	'false_refund',
];

const han = /\p{Script=Han}/u;

/** Rows of the table under a heading, their cells trimmed; a row begins with a code. */
function rowsUnder(heading: string): string[][] {
	const [, section = ''] = readDoc('docs/codes.md').split(`\n## ${heading}`);
	const [body = ''] = section.split('\n## ');
	return [...body.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) => row.split(' | ').map((cell) => cell.trim()));
}

const codeOf = (cell: string | undefined): string => /^`(\w+)`$/.exec(cell ?? '')?.[1] ?? '';

test('every refusal has one row, in the order of the source', () => {
	expect(rowsUnder('Refusals 拒绝').map(([code]) => codeOf(code))).toEqual(Object.keys(refusals));
});

test('every failure has one row, in the order of the source', () => {
	expect(rowsUnder('Failures').map(([code]) => codeOf(code))).toEqual(Object.keys(failures));
});

test('every row has cause and advice, in English and in Chinese', () => {
	for (const row of [...rowsUnder('Refusals 拒绝'), ...rowsUnder('Failures')]) {
		const [cause = '', advice = '', causeZh = '', adviceZh = ''] = row.slice(-4);
		for (const text of [cause, advice]) expect(text).toMatch(/^[A-Z].*\.$/);
		for (const text of [cause, advice]) expect(text).not.toMatch(han);
		for (const text of [causeZh, adviceZh]) expect(text).toMatch(han);
	}
});

describe('the shop', () => {
	const shop = rowsUnder('Refusals of the shop');
	const warnings = rowsUnder('Warnings');
	const exceptions = rowsUnder('Exceptions and alerts');
	const named = (rows: readonly string[][]) => rows.map(([cell]) => /^`([\w-]+)`$/.exec(cell ?? '')?.[1] ?? '');

	test('every refusal has one row, in the order of the source, with what the cashier sees', () => {
		expect(named(shop)).toEqual(Object.keys(retailRefusals));
		for (const row of shop) {
			const { retry, en, zh } = retailRefusals[codeOf(row[0]) as RetailRefusal];
			expect([row[1], row[3], row[6]]).toEqual([retry, en, zh]);
		}
	});

	test('every warning has one row', () => {
		const source = readFileSync(pathOf('src/retail/shop/outcome.ts'), 'utf8');
		const [, union = ''] = /interface Warning \{\s*readonly code: (.*?);/s.exec(source) ?? [];
		const declared = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
		expect(declared.length).toBeGreaterThan(3);
		expect(named(warnings)).toEqual(declared);
	});

	test('every kind of exception and alert has one row', () => {
		const source = readFileSync(pathOf('src/escrow/share.ts'), 'utf8');
		const [, union = ''] = /readonly kind: ('oversell'.*?);/.exec(source) ?? [];
		const ground = [...union.matchAll(/'([\w-]+)'/g)].map(([, kind]) => kind);
		expect(ground.length).toBeGreaterThan(2);
		for (const kind of [...ground, ...shopKinds]) expect(named(exceptions), kind).toContain(kind);
		expect(new Set(named(exceptions)).size).toBe(exceptions.length);
	});

	test('every row has cause, what is seen and what to do, in English and in Chinese', () => {
		for (const row of [...shop, ...warnings, ...exceptions]) {
			const texts = row.slice(-6);
			expect(texts).toHaveLength(6);
			for (const text of texts.slice(0, 3)) {
				expect(text).toMatch(/^[A-Z“].*\.$/);
				expect(text).not.toMatch(han);
			}
			for (const text of texts.slice(3)) expect(text).toMatch(han);
		}
	});
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
