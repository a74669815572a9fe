import { expect, test } from 'vitest';
import { utf8 } from '../../../../src/base/bytes.js';
import type { EpochName } from '../../../../src/journal/epoch.js';
import { LedgerFigures } from '../../../../src/ledger/figures.js';
import { createLogs, longLog, type Stamped } from '../../../../src/ledger/written.js';
import type { Host } from '../../../../src/retail/shop/host.js';
import { Index } from '../../../../src/retail/shop/index-of.js';

const ledger = 'members/1';

/** An index over the log `member/m`, which says what was folded anew and what was put on top. */
function watched() {
	let figures = new LedgerFigures(() => false);
	const logs = createLogs('member', ledger, {}, () => figures, undefined as never);
	let changed: (ledger: string, keys: ReadonlySet<string> | undefined) => void = () => {};
	const host = {
		ledgers: () => [],
		ledger: () => ({ logs: () => logs }),
		watch: (_: unknown, listener: typeof changed) => {
			changed = listener;
		},
	} as unknown as Host;
	const anew: number[] = [];
	const textOf = (entries: readonly Stamped<string>[]) => entries.map(({ value }) => value).join(' ');
	const index = new Index<string, string>({
		host,
		timers: undefined as never,
		ledgers: 'members',
		logs: 'member',
		fold: (_, entries) => {
			anew.push(entries.length);
			return textOf(entries);
		},
		extend: (before, entries) => (entries.length === 0 ? before : `${before} ${textOf(entries)}`),
	});
	const write = (...times: number[]) => {
		for (const ms of times) {
			const legs = [{ kind: 'append', log: 'member/m', value: utf8(JSON.stringify(String(ms))) }] as const;
			const entry = { time: { ms, counter: 0 }, parts: [], relies: [], key: undefined, legs };
			figures.apply({ epoch: { id: 1, name: { device: 'd' } as EpochName }, index: ms, entry }, undefined);
		}
		changed(ledger, new Set(['m']));
	};
	const forget = () => {
		figures = new LedgerFigures(() => false);
	};
	return { write, forget, anew, state: () => index.get('m', ledger), restored: () => changed(ledger, undefined) };
}

const inOrder = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test('a long log is put on top of what is known, as often as it grows', () => {
	const { write, anew, state } = watched();
	for (let ms = 100; ms < 300; ms++) write(ms);
	write(300, 301);
	expect(state()).toBe(inOrder(100, 302).join(' '));
	expect(Math.max(...anew)).toBeLessThanOrEqual(longLog + 1);
});

test('what comes late is folded where it belongs', () => {
	const { write, state } = watched();
	write(...inOrder(100, 140));
	write(140);
	write(50);
	write(141);
	write(120.5, 142);
	write(143);
	expect(state()).toBe([50, ...inOrder(100, 121), 120.5, ...inOrder(121, 144)].sort((a, b) => a - b).join(' '));
});

test('figures that a checkpoint brought are folded anew', () => {
	const { write, forget, state, restored } = watched();
	write(...inOrder(100, 140));
	write(140);
	forget();
	restored();
	expect(state()).toBe('');
	write(...inOrder(200, 241));
	expect(state()).toBe(inOrder(200, 241).join(' '));
});
