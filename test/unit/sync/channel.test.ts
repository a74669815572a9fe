import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../../src/base/bytes.js';
import { expand, extract, hmac } from '../../../src/base/hkdf.js';
import { limits } from '../../../src/base/limits.js';
import type { Link, LinkEnd } from '../../../src/ports/index.js';
import { Channel } from '../../../src/sync/channel.js';
import { decodeOffer, encodeOffer, readSealed, sealedBytes } from '../../../src/sync/channel-frames.js';
import { ReplayWindow, windowFrames } from '../../../src/sync/replay-window.js';
import { sha256, World } from '../../property/escrow-world.js';
import { HandHost } from './hand-host.js';
import { type Tap, tapped } from './tapped.js';

const ledger = 'stock/sh-014';
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

/** One end of a channel, as a session sees it. */
class Ear {
	readonly heard: string[] = [];
	readonly unopened: string[] = [];
	ups = 0;
	end: LinkEnd | undefined;

	constructor(link: Link) {
		link.start({
			up: (end) => {
				this.ups++;
				this.end = end;
			},
			frame: (bytes) => this.heard.push(new TextDecoder().decode(bytes)),
			unopened: (why) => this.unopened.push(why),
			down: () => {
				this.end = undefined;
			},
		});
	}

	say(text: string): boolean {
		return this.end?.send(utf8(text)) ?? false;
	}
}

/** Lets everything pass, and remembers it. */
const noting = (seen: Uint8Array[]) => (frame: Uint8Array) => {
	seen.push(frame);
	return [frame];
};

function pair(tap: Tap = {}, framesPerKey?: number) {
	const world = new World();
	const platform = world.platform();
	const line = world.line();
	const channel = (link: Link) => new Channel(link, { platform, ...(framesPerKey && { framesPerKey }) });
	const links = [channel(tapped(line.a, tap)), channel(tapped(line.b))] as const;
	const [a, b] = [new Ear(links[0]), new Ear(links[1])];
	return { world, line, links, a, b };
}

describe('the keys of a channel', () => {
	test('are derived by HKDF-SHA256 as in RFC 5869, test case 1, and HMAC as in RFC 4231, test case 2', () => {
		const key = hex('0b'.repeat(22));
		const root = extract(sha256, hex('000102030405060708090a0b0c'), key);
		expect(toHex(root)).toBe('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5');
		expect(expand(sha256, root, '', hex('f0f1f2f3f4f5f6f7f8f9'))).toEqual(
			hex('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf'),
		);
		expect(toHex(hmac(sha256, utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
			'5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
		);
		expect(hmac(sha256, new Uint8Array(200), utf8('x'))).toEqual(hmac(sha256, sha256(new Uint8Array(200)), utf8('x')));
	});

	test('are the same for both, and others at every meeting', async () => {
		const { world, line, a, b } = pair();
		await world.pass(50);
		const first = a.end?.binding;
		expect(first?.length).toBe(32);
		expect(b.end?.binding).toEqual(first);
		line.cut();
		line.heal();
		await world.pass(50);
		expect(a.end?.binding).toEqual(b.end?.binding);
		expect(a.end?.binding).not.toEqual(first);
	});
});

describe('a window of numbers', () => {
	test('admits each once, in any order, and none that is too old to be remembered', () => {
		const window = new ReplayWindow();
		const seen = new Set<number>();
		let newest = 0;
		const world = new World(3);
		for (let i = 0; i < 20_000; i++) {
			const counter = Math.max(0, newest + Math.floor((world.chance() - 0.7) * (i % 50 === 0 ? 9_000 : 900)));
			const fresh = !seen.has(counter) && newest - counter < windowFrames;
			expect(window.admits(counter), `${counter} after ${newest}`).toBe(fresh);
			if (!fresh) continue;
			window.mark(counter);
			seen.add(counter);
			newest = Math.max(newest, counter);
		}
	});
});

describe('a channel', () => {
	test('carries frames whole, in both directions, of every length that fits', async () => {
		const { world, a, b } = pair();
		await world.pass(50);
		expect([a.ups, b.ups]).toEqual([1, 1]);
		a.say('a sale');
		a.say('');
		b.say('taken');
		expect(a.end?.send(new Uint8Array(limits.frameBytes - sealedBytes).fill(0x78))).toBe(true);
		expect(a.end?.send(new Uint8Array(limits.frameBytes - sealedBytes + 1))).toBe(false);
		await world.pass(50);
		expect(b.heard.slice(0, 2)).toEqual(['a sale', '']);
		expect(b.heard[2]?.length).toBe(limits.frameBytes - sealedBytes);
		expect(a.heard).toEqual(['taken']);
		expect([a.unopened, b.unopened]).toEqual([[], []]);
	});

	test('shows none of it on the way, and no two frames alike', async () => {
		const seen: Uint8Array[] = [];
		const { world, a } = pair({ out: noting(seen) });
		await world.pass(50);
		for (let i = 0; i < 5; i++) a.say('the same sale');
		await world.pass(50);
		const sealed = seen.filter(readSealed);
		expect(sealed.length).toBe(5);
		expect(new Set(sealed.map((frame) => toHex(frame.subarray(9)))).size).toBe(5);
		expect(Buffer.concat(seen).includes('sale')).toBe(false);
	});

	test('drops and counts what was changed, played again, or never encrypted, and goes on', async () => {
		let change: (frame: Uint8Array) => Uint8Array[] = (frame) => [frame];
		const { world, a, b } = pair({ out: (frame) => change(frame) });
		await world.pass(50);
		a.say('first');
		await world.pass(50);
		for (let at = 0; at < 30; at++) {
			change = (frame) => [frame.map((byte, i) => (i === at ? byte ^ 1 : byte))];
			a.say('hello');
		}
		change = (frame) => [frame.subarray(0, frame.length - 1), frame.subarray(0, 20), new Uint8Array()];
		a.say('cut');
		change = () => [utf8('\u0001 a plain greeting'), new Uint8Array(300).fill(17), new Uint8Array(300).fill(18)];
		a.say('gone');
		let kept: Uint8Array = new Uint8Array();
		change = (frame) => {
			kept = frame;
			return [frame, frame, frame];
		};
		a.say('once');
		change = (frame) => [kept, frame];
		a.say('last');
		await world.pass(100);
		expect(b.heard).toEqual(['first', 'once', 'last']);
		expect(b.unopened.length).toBe(30 + 3 + 3 + 2 + 1);
		expect([a.ups, b.ups]).toEqual([1, 1]);
	});

	test('needs no order, and opens each frame once, over a line that loses, repeats and reorders a third of them', async () => {
		const world = new World(7);
		const platform = world.platform();
		const line = world.line({ random: world.chance, drop: 0.3, duplicate: 0.3, reorder: 0.3, delayTurns: 3 });
		const [a, b] = [line.a, line.b].map((link) => new Ear(new Channel(tapped(link), { platform, framesPerKey: 16 })));
		await world.pass(5_000);
		for (let i = 0; i < 500; i++) {
			a?.say(`frame ${i}`);
			await world.pass(1);
		}
		await world.pass(5_000);
		expect(new Set(b?.heard).size).toBe(b?.heard.length);
		expect(b?.heard.length).toBeGreaterThan(250);
		expect(b?.heard).not.toEqual([...(b?.heard ?? [])].sort((x, y) => Number(x.slice(6)) - Number(y.slice(6))));
	});

	test('goes on under another key after so many frames, without a word; a late frame of the key before opens, an older one does not', async () => {
		const held: Uint8Array[] = [];
		let pass: (frame: Uint8Array) => readonly Uint8Array[] = (frame) => [frame];
		const { world, a, b } = pair({ out: (frame) => pass(frame) }, 4);
		await world.pass(50);
		const say = async (from: number, to: number) => {
			for (let i = from; i < to; i++) a.say(`${i}`);
			await world.pass(50);
		};
		await say(0, 2);
		pass = (frame) => {
			held.push(frame);
			return [];
		};
		await say(2, 4);
		pass = (frame) => [frame, ...held.splice(0, 1)];
		await say(4, 5);
		expect(b.heard).toEqual(['0', '1', '4', '2']);
		pass = (frame) => [frame];
		await say(5, 9);
		pass = (frame) => [frame, ...held.splice(0)];
		await say(9, 10);
		expect(b.heard).toEqual(['0', '1', '4', '2', '5', '6', '7', '8', '9']);
		expect(b.unopened).toEqual(['it does not open']);
	});

	test('cannot be heard by an end that goes on to the next key at another frame: keys do change', async () => {
		const world = new World();
		const line = world.line();
		const ends = [line.a, line.b].map(
			(link, i) => new Ear(new Channel(tapped(link), { platform: world.platform(), framesPerKey: 4 + i })),
		);
		await world.pass(50);
		for (let i = 0; i < 6; i++) ends[0]?.say(`${i}`);
		await world.pass(50);
		expect(ends[1]?.heard).toEqual(['0', '1', '2', '3', '5']);
	});

	test('comes up though offers get lost, and gives the way up where nobody answers', async () => {
		let lost = 0;
		const { world, a, b } = pair({ out: (frame) => (decodeOffer(frame) && lost++ < 3 ? [] : [frame]) });
		await world.pass(5_000);
		a.say('through');
		await world.pass(10);
		expect(b.heard).toEqual(['through']);

		let closed = 0;
		const deaf = new World();
		const link: Link = {
			kind: 'deaf',
			start: (events) => events.up({ send: () => true, close: () => closed++ }),
			stop() {},
		};
		const ear = new Ear(new Channel(link, { platform: deaf.platform() }));
		await deaf.pass(60_000);
		expect([ear.ups, closed]).toEqual([0, 1]);
	});

	test('is not taken over by an old offer, nor ended by a flood of new ones; who begins anew is heard', async () => {
		const offers: Uint8Array[] = [];
		let inject: Uint8Array[] = [];
		const { world, line, a, b } = pair({
			out: (frame) => {
				if (decodeOffer(frame)) offers.push(frame);
				return [...inject.splice(0), frame];
			},
		});
		await world.pass(50);
		line.cut();
		line.heal();
		await world.pass(50);
		a.say('before');
		b.say('so am I');
		await world.pass(50);
		const ups = [a.ups, b.ups];
		inject = [offers[0] as Uint8Array]; // of the meeting before
		for (let i = 0; i < 200; i++)
			inject.push(
				encodeOffer({ oldest: 1, newest: 1, key: world.crypto.createAgreement().publicKey, answers: new Uint8Array() }),
			);
		a.say('after');
		await world.pass(50);
		expect(b.heard).toEqual(['before', 'after']);
		expect([a.ups, b.ups]).toEqual(ups);
		expect(b.unopened.filter((why) => why.includes('too many')).length).toBeGreaterThan(100);
	});

	test('finds an end that began anew without the line saying so', async () => {
		const world = new World();
		const platform = world.platform();
		const line = world.line();
		const stay = new Ear(new Channel(tapped(line.a), { platform }));
		let restart = () => {};
		const quiet: Link = {
			kind: 'quiet',
			stop() {},
			start: (events) =>
				line.b.start({
					up: (end) => {
						restart = () => events.up(end);
						events.up(end);
					},
					frame: (bytes) => events.frame(bytes),
					down: () => events.down(),
				}),
		};
		const anew = new Ear(new Channel(quiet, { platform }));
		await world.pass(50);
		stay.say('to the first');
		anew.say('from the first');
		await world.pass(50);
		restart();
		await world.pass(50);
		anew.say('from the second');
		await world.pass(50);
		stay.say('to the second');
		await world.pass(50);
		expect(stay.heard).toEqual(['from the first', 'from the second']);
		expect(anew.heard).toEqual(['to the first', 'to the second']);
		expect([stay.ups, anew.ups]).toEqual([2, 2]);
		expect(stay.end?.binding).toEqual(anew.end?.binding);
	});

	test('hears no voice of its own, no key of low order and no unknown version', async () => {
		const { world, a, b } = pair({
			out: (frame) => {
				const offer = decodeOffer(frame);
				if (!offer) return [frame];
				return [
					encodeOffer({ ...offer, key: new Uint8Array(32) }),
					encodeOffer({ ...offer, key: Uint8Array.of(1, ...new Uint8Array(31)) }),
					encodeOffer({ ...offer, oldest: 2, newest: 3 }),
					encodeOffer({ ...offer, oldest: 0, newest: 0 }),
				];
			},
			in: (frame) => [frame],
		});
		await world.pass(150);
		expect(b.ups).toBe(0);
		expect(new Set(b.unopened)).toEqual(new Set(['its key is none', 'it is of an unknown version']));
		expect(a.heard).toEqual([]);

		const looped = new World();
		let say = (_: Uint8Array) => {};
		const mirror: Link = {
			kind: 'mirror',
			stop() {},
			start: (events) => {
				say = (frame) => events.frame(frame);
				events.up({ send: (frame) => Boolean(looped.timers.after(1, () => say(frame))), close() {} });
			},
		};
		const ear = new Ear(new Channel(mirror, { platform: looped.platform() }));
		await looped.pass(300);
		expect([ear.ups, ...new Set(ear.unopened)]).toEqual([0, 'it is our own voice']);
	});
});

describe('sessions over a line that leaves the process', () => {
	function hosts(tap: Tap = {}) {
		const world = new World();
		const [a, b] = [new HandHost(world, 'counter'), new HandHost(world, 'kitchen')];
		const line = world.line();
		a.connect(tapped(line.a, tap));
		b.connect(tapped(line.b));
		return { world, a, b, line };
	}

	test('SYN5 bring rows, and show no name and no row to who listens', async () => {
		const seen: Uint8Array[] = [];
		const { world, a, b } = hosts({ out: noting(seen), in: noting(seen) });
		const at = await a.write(ledger, 5, 100);
		await world.pass(1_000);
		expect(b.count(at.epoch)).toBe(at.count);
		const bytes = Buffer.concat(seen);
		for (const secret of ['chain', 'counter', 'kitchen', ledger, 'stock', 'xxxx', a.device, b.device])
			expect(bytes.includes(secret), secret).toBe(false);
		expect(a.refusals.concat(b.refusals)).toEqual([]);
	});

	test('a man in the middle who runs an exchange with each of them is refused, whatever he passes on', async () => {
		const world = new World();
		const [a, b] = [new HandHost(world, 'counter'), new HandHost(world, 'kitchen')];
		const [left, right] = [world.line(), world.line()];
		a.connect(tapped(left.a));
		b.connect(tapped(right.a));
		const platform = world.platform();
		const passed: number[] = [];
		const ends: (LinkEnd | undefined)[] = [];
		for (const [side, link] of [left.b, right.b].entries())
			new Channel(tapped(link), { platform }).start({
				up: (end) => {
					ends[side] = end;
				},
				frame: (frame) => {
					passed.push(frame[0] ?? 0);
					ends[1 - side]?.send(frame);
				},
				down() {},
			});
		await a.write(ledger);
		await world.pass(10_000);
		expect(passed).toContain(1);
		expect(passed).toContain(2);
		expect(passed).not.toContain(6);
		for (const host of [a, b]) {
			expect([...host.peers.sessions].map(({ peer }) => peer)).toEqual([undefined]);
			expect(host.refusals).toContain('unproved_frame');
		}
	});

	test('who changes the versions in an offer brings no channel about at all', async () => {
		const { world, a, b } = hosts({
			out: (frame) => {
				const offer = decodeOffer(frame);
				return [offer ? encodeOffer({ ...offer, newest: 7 }) : frame];
			},
		});
		await world.pass(5_000);
		for (const host of [a, b]) {
			expect([...host.peers.sessions].map(({ peer }) => peer)).toEqual([undefined]);
			expect(new Set(host.refusals)).toEqual(new Set(['unopened_frame']));
		}
	});

	test('a plain greeting is not answered: nobody is talked out of the channel', async () => {
		const world = new World();
		const host = new HandHost(world, 'counter');
		const line = world.line();
		host.connect(tapped(line.a));
		const old = new HandHost(world, 'of old');
		old.connect(line.b); // speaks as versions before the channel did
		await world.pass(5_000);
		expect([...host.peers.sessions].map(({ peer }) => peer)).toEqual([undefined]);
		expect(new Set(host.refusals)).toEqual(new Set(['unopened_frame']));
		expect(new Set(old.refusals)).toEqual(new Set(['bad_frame']));
	});
});
