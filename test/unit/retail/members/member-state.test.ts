import { expect, test } from 'vitest';
import type { MemberDocument } from '../../../../src/retail/documents/member.js';
import { foldMember } from '../../../../src/retail/members/member-state.js';

type Bare<D> = D extends unknown ? Omit<D, 'v' | 'date'> & { readonly date?: string } : never;

function fold(...documents: readonly Bare<MemberDocument>[]) {
	const entries = documents.map((document, i) => ({
		value: { v: 1, date: '2026-02-14', ...document } as MemberDocument,
		atMs: 100 + i,
		device: 'till',
		late: false,
	}));
	return foldMember('m', entries);
}

test('a source earns once, whoever wrote it twice', () => {
	const earn = (source: string, points: number, date: string) =>
		({ verb: 'member.earn', store: 'sh-1', source, points, date }) as const;
	const state = fold(earn('a', 10, '2026-02-14'), earn('b', 5, '2026-02-14'), earn('a', 10, '2026-02-15'));
	expect(state?.earned).toEqual(new Map([['2026-02-14', 15]]));
	expect(state?.sources).toEqual(new Set(['a', 'b']));
});

test('an erasure stands, whatever is registered after it', () => {
	const register = { verb: 'member.register', store: 'sh-1', contacts: ['x'] } as const;
	const state = fold({ verb: 'member.erase', member: 'm' }, register, { ...register, contacts: ['x', 'y'] });
	expect(state).toMatchObject({ isErased: true, contacts: ['x', 'y'], registeredMs: 101, newestMs: 102 });
});

test('the newest tier by hand counts', () => {
	const tier = (name: string) => ({ verb: 'member.tier', tier: name }) as const;
	expect(fold(tier('gold'), { ...tier('silver'), until: '2026-03-01' })?.tier).toEqual({
		tier: 'silver',
		until: '2026-03-01',
		atMs: 101,
	});
});

test('care is told by reference, in order', () => {
	const care = (ref: string) => ({ verb: 'member.care', kind: 'recipe', ref }) as const;
	expect(fold(care('r1'), { ...care('r2'), by: 'lin' })?.care).toEqual([
		{ kind: 'recipe', ref: 'r1', date: '2026-02-14', atMs: 100 },
		{ kind: 'recipe', ref: 'r2', date: '2026-02-14', atMs: 101, by: 'lin' },
	]);
});

test('a member nobody has written of is none; one who was only paid for has no registration', () => {
	expect(fold()).toBeUndefined();
	expect(fold({ verb: 'member.earn', store: 'sh-1', source: 'a', points: 1 })?.registeredMs).toBe(
		Number.POSITIVE_INFINITY,
	);
});
