import { afterEach, expect, test, vi } from 'vitest';
import { tabs } from '../../../adapters/link-broadcast-channel/index.js';
import type { Link, LinkSource } from '../../../src/ports/link.js';
import { pause, until } from '../../contract/check.js';
import { sourceAsLink } from '../../contract/source-as-link.js';
import { VirtualTimers } from './virtual-timers.js';

const undo: (() => void)[] = [];
afterEach(() => {
	for (const step of undo.splice(0)) step();
	vi.unstubAllGlobals();
});

interface Tab {
	readonly said: string[];
	readonly timers: VirtualTimers;
	/** Lets heartbeats pass, with time for others to answer each. */
	beat(count: number): Promise<void>;
	stop(): void;
}

function open(source: LinkSource): Tab {
	const timers = new VirtualTimers();
	const said: string[] = [];
	const link: Link = sourceAsLink(source, 'till', timers);
	undo.push(() => link.stop());
	link.start({ up: () => said.push('up'), frame: () => said.push('frame'), down: () => said.push('down') });
	return {
		said,
		timers,
		async beat(count) {
			for (let i = 0; i < count; i++) {
				timers.pass(2_000);
				await pause(5);
			}
		},
		stop: () => link.stop(),
	};
}

const bothUp = (a: Tab, b: Tab): Promise<void> =>
	until(() => a.said.at(-1) === 'up' && b.said.at(-1) === 'up', 'both up');

/** What everybody said on channels of the lobby. */
function tap(name: string): { tab: string }[] {
	const words: { tab: string }[] = [];
	const channel = new BroadcastChannel(`tillmesh/${name}/chain`);
	channel.addEventListener('message', ({ data }) => words.push(data));
	undo.push(() => channel.close());
	return words;
}

test('a tab whose timers stand still, as in the background, is asked and stays', async () => {
	const words = tap('still');
	const [front, back] = [open(tabs('still')), open(tabs('still'))];
	await bothUp(front, back);
	await front.beat(20);
	expect([front.said, back.said]).toEqual([['up'], ['up']]);
	expect(words.filter(({ tab }) => tab === 'ask').length).toBeGreaterThan(3);
});

test('SYN4 a tab that vanishes without a word is given up after five heartbeats', async () => {
	const gone = { postMessage: true };
	class Mortal extends BroadcastChannel {
		override postMessage(message: unknown): void {
			if (gone.postMessage) super.postMessage(message);
		}
	}
	const staying = open(tabs('vanish'));
	vi.stubGlobal('BroadcastChannel', Mortal);
	const vanishing = open(tabs('vanish'));
	await until(() => staying.said.length === 1, 'up');
	await bothUp(staying, vanishing);
	gone.postMessage = false;
	await staying.beat(4);
	expect(staying.said).toEqual(['up']);
	await staying.beat(2);
	expect(staying.said).toEqual(['up', 'down']);
});

test('a page that is left says so, and is found again when it comes back from where browsers put pages aside', async () => {
	const page = new EventTarget();
	const staying = open(tabs('pages'));
	vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
	vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
	const leaving = open(tabs('pages'));
	await bothUp(staying, leaving);
	page.dispatchEvent(new Event('pagehide'));
	expect(leaving.said).toEqual(['up', 'down']);
	await until(() => staying.said.at(-1) === 'down', 'down there');
	await leaving.beat(1);
	await bothUp(staying, leaving);
	leaving.stop();
	page.dispatchEvent(new Event('pagehide'));
	expect(leaving.said).toEqual(['up', 'down', 'up', 'down']);
});

test('tabs of another name do not meet, whatever characters names have', async () => {
	const [a, b] = [open(tabs('x/chain')), open(tabs('x'))];
	const [c, d] = [open(tabs('x')), open(tabs('x/chain'))];
	await until(() => [a, b, c, d].every(({ said }) => said.includes('up')), 'up');
	await pause(20);
	for (const { said } of [a, b, c, d]) expect(said).toEqual(['up']);
});

test('what others post on the channel changes nothing', async () => {
	const tab = open(tabs('noise'));
	const channel = new BroadcastChannel('tillmesh/noise/chain');
	undo.push(() => channel.close());
	for (const noise of [
		null,
		1,
		'here',
		{},
		{ tab: 'here' },
		{ tab: 'here', from: 1 },
		{ tab: 'x', from: 'y' },
		{ tab: 'bye', from: 'y' },
	])
		channel.postMessage(noise);
	await pause(20);
	expect(tab.said).toEqual([]);
	const other = open(tabs('noise'));
	await bothUp(tab, other);
});

test('without BroadcastChannel it is unavailable, and a name is needed', () => {
	expect(() => tabs('')).toThrow(expect.objectContaining({ code: 'bad_argument', path: 'name' }));
	vi.stubGlobal('BroadcastChannel', undefined);
	expect(() => tabs('pos')).toThrow(expect.objectContaining({ code: 'unavailable' }));
});
