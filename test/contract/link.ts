import type { Link, LinkEnd } from '../../src/ports/link.js';
import { check, checkSame, pause, until } from './check.js';
import type { Run } from './run.js';

export interface LinkUnderTest {
	/** Two ends of one way, not started yet. */
	readonly a: Link;
	readonly b: Link;
	/** Breaks the way until `heal`. The tests that need it are left out where it is missing. */
	cut?(): void | Promise<void>;
	heal?(): void | Promise<void>;
	/** Called after each test; both ends are stopped then. */
	dispose?(): void | Promise<void>;
}

export type MakeLink = () => LinkUnderTest | Promise<LinkUnderTest>;

/** Writes down what a link says and refuses an order of events that the port forbids. */
class Listener {
	readonly frames: Uint8Array[] = [];
	/** Undefined while down. */
	end: LinkEnd | undefined;
	ups = 0;
	downs = 0;
	onFrame: (frame: Uint8Array) => void = () => {};
	readonly #name: string;
	readonly #wrong: string[] = [];

	constructor(name: string, link: Link) {
		this.#name = name;
		link.start({
			up: (end) => {
				if (this.end) this.#wrong.push('up while up');
				this.ups++;
				this.end = end;
			},
			frame: (frame) => {
				if (!this.end) this.#wrong.push('a frame while down');
				this.frames.push(frame);
				this.onFrame(frame);
			},
			down: () => {
				if (!this.end) this.#wrong.push('down while down');
				this.downs++;
				this.end = undefined;
			},
		});
	}

	send(...frames: Uint8Array[]): void {
		for (const frame of frames) check(this.end?.send(frame) === true, `${this.#name} could not send`);
	}

	checkOrder(): void {
		checkSame(this.#wrong, [], `events of ${this.#name}`);
	}
}

type Body = (a: Listener, b: Listener, subject: LinkUnderTest) => Promise<void>;

/**
 * Every guarantee of the port `Link`, on fresh pairs that `make` gives. Frames sent one at a time over a way that works are
 * expected to arrive: give it a link without arranged losses.
 */
export function linkContract(make: MakeLink, run: Run): void {
	const test = (name: string, body: Body): void => run(name, () => withLink(make, body));
	const cuttable = (name: string, body: Body): void =>
		test(name, async (a, b, subject) => {
			if (subject.cut && subject.heal) await body(a, b, subject);
		});
	frames(test);
	sharing(make, run);
	ending(test);
	breaking(cuttable);
}

async function withLink(make: MakeLink, body: Body): Promise<void> {
	const subject = await make();
	const a = new Listener('a', subject.a);
	const b = new Listener('b', subject.b);
	try {
		await until(() => a.end !== undefined && b.end !== undefined, 'up on both sides');
		await body(a, b, subject);
	} finally {
		subject.a.stop();
		subject.b.stop();
		await until(() => !a.end && !b.end, 'down on both sides after stop');
		await subject.dispose?.();
	}
	a.checkOrder();
	b.checkOrder();
}

type LinkTest = (name: string, body: Body) => void;

const text = (frame: Uint8Array): string => new TextDecoder().decode(frame);
const frame = (content: string): Uint8Array => new TextEncoder().encode(content);

function frames(test: LinkTest): void {
	test('Link: frames pass whole, both ways, the empty one too', async (a, b) => {
		a.send(frame('from a'), frame(''));
		b.send(frame('from b'));
		await until(() => b.frames.length >= 2 && a.frames.length >= 1, 'frames');
		checkSame(b.frames.map(text).sort(), ['', 'from a'], 'at b');
		checkSame(a.frames.map(text), ['from b'], 'at a');
	});

	test('Link: a frame of 1 MiB passes whole', async (a, b) => {
		const large = new Uint8Array(1024 * 1024).map((_, i) => (i * 7) >> 2);
		a.send(large);
		await until(() => b.frames.length > 0, 'the frame');
		check(b.frames[0]?.length === large.length, 'another length');
		check(b.frames[0]?.every((byte, i) => byte === large[i]) === true, 'other bytes');
	});

	test('Link: thousands of small frames pass, or send says that they did not', async (a, b) => {
		let taken = 0;
		for (let i = 0; i < 5_000; i++) {
			if (a.end?.send(frame(`frame ${i}`))) taken++;
			else await pause(1);
		}
		check(taken > 0, 'none was taken');
		await until(() => b.frames.length >= taken, 'frames');
		const arrived = new Set(b.frames.map(text));
		checkSame(arrived.size, taken, 'different frames');
		check(arrived.has('frame 0'), 'the first frame');
	});

	test('Link: a frame is answered from inside its own delivery', async (a, b) => {
		b.onFrame = (got) => b.send(got.length < 20 ? Uint8Array.of(...got, 1) : Uint8Array.of());
		a.onFrame = (got) => got.length > 0 && a.send(Uint8Array.of(...got, 2));
		a.send(Uint8Array.of(0));
		await until(() => a.frames.some(({ length }) => length === 0), 'the end of the exchange');
	});
}

/** A frame for fifty peers is one array; each peer has bytes of its own. */
function sharing(make: MakeLink, run: Run): void {
	run(
		'Link: a frame goes out several times and over several links; what one receiver writes into it, nobody else sees',
		() =>
			withLink(make, (a, b) =>
				withLink(make, async (c, d) => {
					const shared = frame('for all');
					for (const receiver of [b, d]) {
						receiver.onFrame = (got) => {
							if (receiver.frames.length === 1) got.fill(120);
						};
					}
					for (const sender of [a, c]) sender.send(shared, shared);
					await until(() => b.frames.length >= 2 && d.frames.length >= 2, 'frames');
					a.send(shared);
					await until(() => b.frames.length >= 3, 'the third frame');
					checkSame(text(shared), 'for all', "the sender's array");
					const later = [b, d].flatMap(({ frames }) => frames.slice(1).map(text));
					checkSame(later, ['for all', 'for all', 'for all'], 'frames after the one written into');
				}),
			),
	);
}

function ending(test: LinkTest): void {
	test('Link: stop says down first, then nothing more; the other side hears down; stopping again does nothing', async (a, b, {
		a: link,
	}) => {
		a.send(frame('before'));
		await until(() => b.frames.length === 1, 'the frame before');
		const end = a.end;
		link.stop();
		await until(() => !a.end && !b.end, 'down on both sides');
		link.stop();
		check(end?.send(frame('after')) === false, 'send after stop says false');
		await pause(30);
		checkSame([a.ups, a.downs, b.frames.length], [1, 1, 1], 'ups, downs and frames');
	});

	test('Link: closed from inside a delivery, nothing more is delivered', async (a, b) => {
		b.onFrame = () => b.end?.close();
		a.send(frame('1'), frame('2'), frame('3'));
		await until(() => b.frames.length > 0 && a.downs > 0, 'a frame, and down at the other side');
		await pause(20);
		checkSame(b.frames.length, 1, 'frames');
	});

	test('Link: closing an end stops receiving and sending at once, and the other side hears down', async (a, b) => {
		const end = a.end;
		b.send(frame('under way'));
		end?.close();
		const seen = a.frames.length;
		check(end?.send(frame('late')) === false, 'send after close says false');
		end?.close();
		await until(() => b.downs >= 1, 'down at the other side');
		checkSame(a.frames.length, seen, 'frames after close');
		checkSame(b.frames.map(text), [], 'frames at the other side');
	});
}

function breaking(test: LinkTest): void {
	test('SYN5 a cut is heard on both sides; nothing passes until it is healed, then up comes again', async (a, b, subject) => {
		const oldEnd = a.end;
		await subject.cut?.();
		await until(() => !a.end && !b.end, 'down on both sides');
		check(oldEnd?.send(frame('into the void')) === false, 'send over a cut way says false');
		await pause(20);
		checkSame([a.ups, b.ups], [1, 1], 'ups while cut');
		await subject.heal?.();
		await until(() => a.end !== undefined && b.end !== undefined, 'up again');
		check(oldEnd?.send(frame('over the old end')) === false, 'an end does not outlive its connection');
		a.send(frame('again'));
		await until(() => b.frames.length > 0, 'a frame after healing');
		checkSame(b.frames.map(text), ['again'], 'frames');
	});

	test('SYN5 a stopped link stays down when the way heals', async (a, b, subject) => {
		await subject.cut?.();
		await until(() => !a.end && !b.end, 'down on both sides');
		subject.a.stop();
		await subject.heal?.();
		await pause(30);
		checkSame([a.ups, a.downs], [1, 1], 'ups and downs');
	});
}
