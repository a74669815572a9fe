import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stamped } from '../../../../src/ledger/written.js';
import { appointmentMoves, foldAppointment } from '../../../../src/retail/appointments/appointment.js';
import { checkBooking } from '../../../../src/retail/appointments/booking.js';
import type { AppointmentDocument } from '../../../../src/retail/appointments/documents.js';
import { checkSlot, Grid } from '../../../../src/retail/appointments/slots.js';

const slot = (from: string, to: string) => ({
	resource: 'JJ',
	from: `2026-03-02T${from}:00Z`,
	to: `2026-03-02T${to}:00Z`,
});
const head = { v: 1, date: '2026-03-02' } as const;

const story: AppointmentDocument[] = [
	{
		...head,
		verb: 'appointment.book',
		rev: 0,
		state: 'waitlisted',
		slots: [slot('01:00', '02:00')],
		service: 'CUT',
		deposit: [{ kind: 'cash', amount: 500 }],
	},
	{ ...head, verb: 'appointment.promote', rev: 1 },
	{ ...head, verb: 'appointment.move', rev: 2, slots: [slot('03:00', '04:00')] },
	{ ...head, verb: 'appointment.arrive', rev: 3, order: 'o-1' },
];

const stamped = (documents: readonly AppointmentDocument[]): Stamped<AppointmentDocument>[] =>
	documents.map((value, i) => ({ value, atMs: i, device: 'd', late: false }));

describe('an appointment', () => {
	test('is the same in whatever order its documents came, whatever clocks said', () => {
		const order = fc.shuffledSubarray([...story.keys()], { minLength: story.length });
		fc.assert(
			fc.property(order, (indexes) => {
				const documents = indexes.flatMap((i) => story[i] ?? []);
				expect(foldAppointment('a', stamped(documents), 'desk/sh-1')).toMatchObject({
					state: 'arrived',
					rev: 3,
					order: 'o-1',
					deposit: 500,
					slots: [slot('03:00', '04:00')],
				});
			}),
		);
	});

	test('is nothing before its booking is here, and nothing happens to it after its end', () => {
		expect(foldAppointment('a', stamped(story.slice(1)), 'desk/sh-1')).toBeUndefined();
		const after = [...story, { ...head, verb: 'appointment.cancel', rev: 4 } as const];
		expect(foldAppointment('a', stamped(after), 'desk/sh-1')?.state).toBe('arrived');
		for (const state of ['arrived', 'cancelled', 'no_show'] as const)
			expect(Object.values(appointmentMoves[state]).every((next) => next === undefined)).toBe(true);
	});
});

describe('a grid', () => {
	const grid = new Grid(15);
	const times = (cells: readonly { key: string }[]) => cells.map(({ key }) => key.slice(3, -1).slice(11));

	test('offers whole cells, books every cell that is touched, each once', () => {
		expect(times(grid.within(slot('01:05', '01:50')))).toEqual(['01:15', '01:30']);
		expect(times(grid.touched([slot('01:05', '01:50')]))).toEqual(['01:00', '01:15', '01:30', '01:45']);
		expect(times(grid.touched([slot('01:00', '01:15'), slot('01:10', '01:20')]))).toEqual(['01:00', '01:15']);
	});

	test('joins cells in a row', () => {
		const cells = [...grid.touched([slot('03:00', '03:15')]), ...grid.touched([slot('01:00', '02:00')])];
		expect(grid.stretches('JJ', cells)).toEqual([slot('01:00', '02:00'), slot('03:00', '03:15')]);
	});

	test('is made of minutes that make a day', () => {
		for (const minutes of [0, -15, 7, 2.5, Number.NaN]) expect(() => new Grid(minutes)).toThrow('slotMinutes');
	});
});

test.each([
	['slots', { slots: [], service: 'CUT' }],
	['slots[0].to', { slots: [slot('02:00', '01:00')], service: 'CUT' }],
	['slots[0].from', { slots: [{ ...slot('01:00', '02:00'), from: '2026-03-02' }], service: 'CUT' }],
	['service', { slots: [slot('01:00', '02:00')], service: '' }],
	[
		'deposit[0].amount',
		{ slots: [slot('01:00', '02:00')], service: 'CUT', deposit: [{ kind: 'cash' as const, amount: 0.5 }] },
	],
	[
		'member',
		{
			slots: [slot('01:00', '02:00')],
			service: 'CUT',
			deposit: [{ kind: 'purse' as const, purse: 'stored' as const, amount: 5 }],
		},
	],
])('a booking with a bad %s is refused at the border', (path, booking) => {
	expect(() => checkBooking(booking)).toThrow(expect.objectContaining({ path }));
});

test('a slot is a day long at most', () => {
	expect(() => checkSlot('slot', { ...slot('01:00', '02:00'), to: '2026-03-03T01:15:00Z' })).toThrow('slot.to');
});
