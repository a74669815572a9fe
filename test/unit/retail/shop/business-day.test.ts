import { expect, test } from 'vitest';
import { addDays, BusinessDay } from '../../../../src/retail/shop/business-day.js';

const at = (iso: string) => Date.parse(iso);

test('a day begins at its cut, on the store’s clock', () => {
	const day = new BusinessDay({ zone: 'Asia/Shanghai', dayCut: '04:00' });
	expect(day.of(at('2026-02-13T19:59:59.999Z'))).toBe('2026-02-13');
	expect(day.of(at('2026-02-13T20:00:00Z'))).toBe('2026-02-14');
	expect(day.hourOf(at('2026-02-13T20:00:00Z'))).toBe(4);
});

test('clocks that are set forward and back lose and double no day', () => {
	const day = new BusinessDay({ zone: 'America/New_York' });
	expect(day.of(at('2026-03-08T04:59:59Z'))).toBe('2026-03-07');
	expect(day.of(at('2026-03-08T05:00:00Z'))).toBe('2026-03-08');
	expect(day.of(at('2026-03-09T03:59:59Z'))).toBe('2026-03-08');
	expect(day.of(at('2026-11-02T04:59:59Z'))).toBe('2026-11-01');
	expect(day.of(at('2026-11-02T05:00:00Z'))).toBe('2026-11-02');
});

test('zones that are not whole hours off', () => {
	expect(new BusinessDay({ zone: 'Asia/Kathmandu' }).of(at('2026-01-01T18:15:00Z'))).toBe('2026-01-02');
});

test('bad settings say which', () => {
	expect(() => new BusinessDay({ zone: 'Mars/Olympus' })).toThrow('zone: "Mars/Olympus" is no time zone');
	expect(() => new BusinessDay({ zone: 'UTC', dayCut: '25:00' })).toThrow('dayCut');
});

test('days are counted over months and years', () => {
	expect([addDays('2026-02-28', 1), addDays('2024-02-28', 1), addDays('2026-01-01', -1)]).toEqual([
		'2026-03-01',
		'2024-02-29',
		'2025-12-31',
	]);
});
