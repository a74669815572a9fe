import { expect, test } from 'vitest';
import { assert, Bug } from '../../../src/base/assert.js';
import {
	AlreadyOpen,
	BadArgument,
	Closed,
	failures,
	KeyReused,
	LimitError,
	refusals,
	StorageError,
	TillmeshError,
} from '../../../src/base/errors.js';
import { checkAmount, checkName, limits } from '../../../src/base/limits.js';

test('P11 amounts are whole numbers from 1 to 2^53 - 1', () => {
	for (const good of [1, 2, Number.MAX_SAFE_INTEGER]) checkAmount('amount', good);
	for (const bad of [
		0,
		-0,
		-1,
		0.1,
		1.5,
		Number.MAX_SAFE_INTEGER + 1,
		Number.NaN,
		Number.POSITIVE_INFINITY,
		'1',
		1n,
		null,
		undefined,
	])
		expect(() => checkAmount('lines[2].qty', bad as number)).toThrow(/lines\[2\]\.qty: expected a whole number from 1/);
});

test('names are counted in bytes, not in characters', () => {
	checkName('key', 'x'.repeat(limits.nameBytes));
	checkName('key', 'é'.repeat(limits.nameBytes / 2));
	checkName('key', '😀'.repeat(limits.nameBytes / 4));
	for (const long of ['x'.repeat(257), 'é'.repeat(129), '😀'.repeat(65), `${'é'.repeat(128)}x`])
		expect(() => checkName('key', long)).toThrow(LimitError);
	for (const bad of ['', 'a\u0000', '\u007f', '\u0085', '\ud83d', '\ude00x', 7, null])
		expect(() => checkName('key', bad as string)).toThrow(BadArgument);
});

test('every code has a sentence that ends, and none stands for a refusal and a failure', () => {
	for (const sentence of [...Object.values(refusals), ...Object.values(failures)])
		expect(sentence).toMatch(/^[A-Z].*\.$/);
	expect(Object.keys(refusals).filter((code) => code in failures)).toEqual([]);
});

test('failures say by name what they are, whether to try again, and whether to open again', () => {
	const of = ({ name, code, retryable, fatal }: TillmeshError) => ({ name, code, retryable, fatal });
	expect(of(new StorageError('storage_full', 'x'))).toEqual({
		name: 'StorageError',
		code: 'storage_full',
		retryable: true,
		fatal: true,
	});
	expect(of(new StorageError('storage_corrupt', 'x'))).toEqual({
		name: 'StorageError',
		code: 'storage_corrupt',
		retryable: false,
		fatal: true,
	});
	expect(of(new AlreadyOpen('till.db', 'till-1'))).toEqual({
		name: 'AlreadyOpen',
		code: 'already_open',
		retryable: true,
		fatal: false,
	});
	expect(of(new KeyReused('k', 'c'))).toEqual({
		name: 'KeyReused',
		code: 'key_reused',
		retryable: false,
		fatal: false,
	});
	const cause = new Error('disk');
	expect(new Closed(cause)).toMatchObject({ code: 'closed', fatal: true, cause });
	expect(new AlreadyOpen('till.db', 'till-1').message).toBe(`till.db is held by till-1. ${failures.already_open}`);
	expect(new TillmeshError('work_failed', 'It threw.', {}, cause).cause).toBe(cause);
});

test('a bug names the rule that does not hold', () => {
	assert(true, 'JRN3', 'fine');
	expect(() => assert(false, 'JRN3', 'told too early')).toThrow(Bug);
	expect(() => assert(false, 'JRN3', 'told too early')).toThrow(/^JRN3 does not hold: told too early/);
});
