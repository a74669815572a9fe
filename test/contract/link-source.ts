import type { DeviceId } from '../../src/base/ids.js';
import type { Link, LinkEnd, LinkSource, Meeting, Signals } from '../../src/ports/link.js';
import type { Timers } from '../../src/ports/platform.js';
import { check, checkSame, pause, until } from './check.js';
import type { Run } from './run.js';

export interface SourcesUnderTest {
	/** A source for the replica of that device, able to find the others of this test. Not discovering yet. */
	create(device: DeviceId): LinkSource | Promise<LinkSource>;
	/** What peers in common pass on. Without it nobody is reached by signals. */
	signals?(device: DeviceId): Signals;
	/** Lent to the sources. Default: setTimeout. */
	readonly timers?: Timers;
	/** Breaks every way between them until `heal`. The test that needs it is left out where it is missing. */
	cut?(): void | Promise<void>;
	heal?(): void | Promise<void>;
	/** Called after each test; every source is stopped then. */
	dispose?(): void | Promise<void>;
}

export type MakeSources = () => SourcesUnderTest | Promise<SourcesUnderTest>;

const realTimers: Timers = {
	after(delayMs, run) {
		const handle = setTimeout(run, delayMs);
		return () => clearTimeout(handle);
	},
};

const noSignals: Signals = { peers: () => [], watch: () => () => {}, send: () => {}, listen: () => () => {} };

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

/** A way as one side sees it. */
interface Way {
	readonly link: Link;
	end: LinkEnd | undefined;
	/** Said by the other side as its first frame. */
	peer: string | undefined;
}

/** Stands for a replica: starts what it is given, and says its name over every link that comes up. */
class Member implements Meeting {
	readonly chain: string;
	readonly device: DeviceId;
	readonly name: string;
	readonly timers: Timers;
	readonly signals: Signals;
	readonly source: LinkSource;
	readonly ways: Way[] = [];
	readonly wrong: string[] = [];
	readonly frames: string[] = [];

	constructor(source: LinkSource, subject: SourcesUnderTest, device: DeviceId, chain: string) {
		this.source = source;
		this.device = device;
		this.name = device;
		this.chain = chain;
		this.timers = subject.timers ?? realTimers;
		this.signals = subject.signals?.(device) ?? noSignals;
	}

	found(link: Link): () => void {
		const way: Way = { link, end: undefined, peer: undefined };
		this.ways.push(way);
		link.start({
			up: (end) => {
				if (way.end) this.wrong.push('up while up');
				way.end = end;
				end.send(bytes(this.device));
			},
			frame: (frame) => {
				if (!way.end) this.wrong.push('a frame while down');
				if (way.peer === undefined) way.peer = text(frame);
				else this.frames.push(text(frame));
			},
			down: () => {
				if (!way.end) this.wrong.push('down while down');
				way.end = undefined;
				way.peer = undefined;
			},
		});
		return () => link.stop();
	}

	/** Who is linked now, in order, each once. */
	peers(): string[] {
		return [...new Set(this.ways.flatMap(({ end, peer }) => (end && peer !== undefined ? [peer] : [])))].sort();
	}

	say(to: string, content: string): boolean {
		return this.ways.some(({ peer, end }) => peer === to && end?.send(bytes(content)));
	}
}

interface Stage {
	readonly subject: SourcesUnderTest;
	join(device: DeviceId, chain?: string): Promise<Member>;
}

type Body = (stage: Stage) => Promise<void>;

/** A cold start of a browser's machinery may take its time. */
const withinMs = 20_000;

async function linked(members: readonly Member[], what = 'everybody finds everybody'): Promise<void> {
	const devices = members.map(({ device }) => device).sort();
	const complete = (member: Member): boolean =>
		member.peers().join() === devices.filter((device) => device !== member.device).join();
	await until(() => members.every(complete), what, withinMs);
}

const alone = (members: readonly Member[], what: string): Promise<void> =>
	until(() => members.every((member) => member.peers().length === 0), what, withinMs);

/**
 * Every guarantee of the port `LinkSource`, among replicas that `make` gives sources to. What the links themselves promise
 * is `linkContract`'s.
 */
export function linkSourceContract(make: MakeSources, run: Run): void {
	const test = (name: string, body: Body): void => run(name, () => onStage(make, body));
	finding(test);
	losing(test);
}

async function onStage(make: MakeSources, body: Body): Promise<void> {
	const subject = await make();
	const members: Member[] = [];
	const join = async (device: DeviceId, chain = 'chain'): Promise<Member> => {
		const member = new Member(await subject.create(device), subject, device, chain);
		members.push(member);
		member.source.discover(member);
		return member;
	};
	try {
		await body({ subject, join });
	} finally {
		for (const { source } of members) source.stop();
		await subject.dispose?.();
	}
	for (const { wrong, device } of members) checkSame(wrong, [], `events of ${device}`);
	for (const { ways, device } of members)
		check(
			ways.every(({ end }) => !end),
			`a link of ${device} outlives its source`,
		);
}

type SourceTest = (name: string, body: Body) => void;

function finding(test: SourceTest): void {
	test('LinkSource: two find each other, and frames pass both ways', async ({ join }) => {
		const [a, b] = [await join('device-a'), await join('device-b')];
		await linked([a, b]);
		check(a.say('device-b', 'from a') && b.say('device-a', 'from b'), 'a frame is taken');
		await until(() => a.frames.length > 0 && b.frames.length > 0, 'frames');
		checkSame([a.frames, b.frames], [['from b'], ['from a']], 'frames');
	});

	test('LinkSource: three find each other, the last of them late', async ({ join }) => {
		const first = [await join('device-b'), await join('device-a')];
		await linked(first);
		await linked([...first, await join('device-c')]);
	});

	test('LinkSource: nobody finds itself, nor a device of another chain', async ({ join }) => {
		const other = await join('device-x', 'another chain');
		const [a, b] = [await join('device-a'), await join('device-b')];
		await linked([a, b]);
		await pause(100);
		checkSame([a.peers(), b.peers(), other.peers()], [['device-b'], ['device-a'], []], 'peers');
	});
}

function losing(test: SourceTest): void {
	test('LinkSource: stop ends its links, the others stay, and it finds nobody any more', async ({ join }) => {
		const [a, b, c] = [await join('device-a'), await join('device-b'), await join('device-c')];
		await linked([a, b, c]);
		a.source.stop();
		checkSame(a.peers(), [], 'peers as soon as it is stopped');
		a.source.stop();
		await linked([b, c], 'the others lose it and keep each other');
		const found = a.ways.length;
		const d = await join('device-d');
		await linked([b, c, d]);
		checkSame([a.ways.length, a.peers()], [found, []], 'what it found after stop');
	});

	test('LinkSource: who left and comes back is found again', async ({ join }) => {
		const [a, b] = [await join('device-a'), await join('device-b')];
		await linked([a, b]);
		for (const device of ['device-b', 'device-b']) {
			b.source.stop();
			await alone([a, b], 'the one that stays hears of it');
			const again = await join(device);
			await linked([a, again], 'found again');
			again.source.stop();
			await alone([a, again], 'gone again');
		}
	});

	test('LinkSource: stopped before it ever discovered, it finds nobody', async ({ subject, join }) => {
		const source = await subject.create('device-a');
		source.stop();
		const member = new Member(source, subject, 'device-a', 'chain');
		source.discover(member);
		const others = [await join('device-b'), await join('device-c')];
		await linked(others);
		checkSame(member.ways.length, 0, 'links');
	});

	test('SYN4 LinkSource: after a loss they find each other again by themselves', async ({ subject, join }) => {
		if (!subject.cut || !subject.heal) return;
		const [a, b] = [await join('device-a'), await join('device-b')];
		await linked([a, b]);
		await subject.cut();
		await alone([a, b], 'both notice');
		await subject.heal();
		await linked([a, b], 'found again');
		check(a.say('device-b', 'again'), 'a frame is taken');
		await until(() => b.frames.length > 0, 'the frame');
		checkSame(b.frames, ['again'], 'frames');
	});
}
