/** Mutations of updates: of their structure, one named function each, and of their bytes. */
import { utf8 } from '../../src/base/bytes.js';
import type { Dice, GroupModel, Id, ItemModel, UpdateModel } from './update-model.js';

/** What a mutation may aim at: epochs and roots that exist, the attacker's among them. */
export interface Targets {
	readonly epochs: readonly number[];
	readonly roots: readonly Uint8Array[];
}

type Mutation = (model: UpdateModel, dice: Dice, targets: Targets) => void;

const oddNumbers: readonly (number | bigint)[] = [
	0,
	1,
	2,
	127,
	128,
	16_383,
	33_554_431,
	2 ** 31 - 1,
	2 ** 31,
	2 ** 32,
	2 ** 53 - 1,
	2n ** 53n,
	2n ** 60n,
	2n ** 64n,
];

/** Content that is not binary, as Yjs writes it: kind and bytes. */
const otherContent: readonly [number, readonly number[]][] = [
	[1, [1]], // deleted, of length 1
	[1, [0]], // deleted, of length 0
	[2, [1, 1, 0x31]], // JSON
	[2, [0]], // JSON of length 0
	[4, [1, 0x61]], // text
	[4, [0]], // text of length 0
	[5, [1, 0x31]], // embed
	[6, [1, 0x62, 1, 0x31]], // format
	[7, [0]], // an array
	[7, [1]], // a map
	[7, [3, 1, 0x70]], // an XML element
	[8, [1, 0x7d, 1]], // any
	[8, [0]], // any of length 0
	[9, [1, 0x67, 0x76, 0]], // a sub-document
	[11, [0]], // no such content
	[31, [0]],
];

/** Devices that are no names, or that have two spellings to a careless decoder. */
const spellings: readonly (readonly number[])[] = [
	[0xc1, 0xad], // `m` in two bytes
	[0xe0, 0x81, 0xad], // in three
	[0xf0, 0x80, 0x81, 0xad], // in four
	[0x6d, 0xed, 0xa0, 0x80], // a lone surrogate half
	[0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], // a pair in six bytes
	[0xf4, 0x90, 0x80, 0x80], // past the last code point
	[0xf8, 0x88, 0x80, 0x80, 0x80],
	[0x6d, 0xc3], // cut short
	[0x6d, 0xbf], // a continuation alone
	[0x6d, 0x00],
	[0x6d, 0x1f],
	[0x6d, 0x7f],
	[0x6d, 0xc2, 0x85], // C1 control
	[0x6d, 0x2f, 0x6d],
	[0xef, 0xbb, 0xbf, 0x6d], // byte order mark: allowed, and never dropped
	[0xf0, 0x9f, 0x98, 0x80], // allowed
	Array<number>(256).fill(0x6d), // the longest
	Array<number>(257).fill(0x6d),
];

function group(model: UpdateModel, dice: Dice): GroupModel {
	if (model.groups.length === 0) model.groups.push({ client: 1, clock: 0, items: [] });
	return dice.pick(model.groups);
}

function item(model: UpdateModel, dice: Dice): ItemModel {
	const { items } = group(model, dice);
	if (items.length === 0) items.push({ info: 0x83, content: dice.bytes(3) });
	return dice.pick(items);
}

const someId = (dice: Dice, targets: Targets): Id => [
	dice.chance(80) ? dice.pick(targets.epochs) : dice.pick(oddNumbers),
	dice.chance(80) ? dice.below(8) : dice.pick(oddNumbers),
];

export const mutations: Readonly<Record<string, Mutation>> = {
	flipInfo: (model, dice) => {
		item(model, dice).info ^= 1 << dice.below(8);
	},
	lieInfo: (model, dice) => {
		const bent = item(model, dice);
		bent.infoByte = bent.info ^ (1 << dice.below(8));
	},
	origin: (model, dice, targets) => {
		const bent = item(model, dice);
		bent.info |= 0x80;
		bent.origin = someId(dice, targets);
	},
	noOrigin: (model, dice, targets) => {
		const bent = item(model, dice);
		bent.info = 0x03;
		bent.parent ??= dice.pick(targets.roots);
	},
	rightOrigin: (model, dice, targets) => {
		const bent = item(model, dice);
		bent.info |= 0x40;
		bent.rightOrigin = someId(dice, targets);
	},
	parentKey: (model, dice) => {
		const bent = item(model, dice);
		bent.info |= 0x20;
		bent.parentKey = dice.pick(['__proto__', 'constructor', 'k', '']);
	},
	parentItem: (model, dice, targets) => {
		const bent = item(model, dice);
		bent.info = 0x03;
		bent.parent = someId(dice, targets);
	},
	root: (model, dice, targets) => {
		const bent = item(model, dice);
		bent.info = 0x03;
		const names = ['', 'p', 'j/', 'j//1', 'j/m/0', 'j/m/01', 'j/m/Z', '__proto__', 'j/__proto__/1', 'j/m/2gosa7pa2gw'];
		bent.parent = dice.chance(60) ? dice.pick(targets.roots) : utf8(dice.pick(names));
	},
	parentInfo: (model, dice) => {
		const first = model.groups.flatMap((each) => each.items).find((each) => each.parent instanceof Uint8Array);
		(first ?? item(model, dice)).parentInfo = dice.pick([2, 3, 127, 128]);
	},
	rawRoot: (model, dice, targets) => {
		const bent = item(model, dice);
		const name = dice.pick(targets.roots).slice();
		name[dice.below(name.length)] = dice.below(256);
		bent.parent = name;
	},
	spelling: (model, dice) => {
		const root = [0x6a, 0x2f, ...dice.pick(spellings), 0x2f, 0x31];
		const first = model.groups.flatMap((each) => each.items).find((each) => each.parent instanceof Uint8Array);
		(first ?? item(model, dice)).parent = Uint8Array.from(root);
	},
	content: (model, dice) => {
		const [kind, raw] = dice.pick(otherContent);
		const bent = item(model, dice);
		bent.info = (bent.info & 0xe0) | kind;
		bent.raw = Uint8Array.from(raw);
	},
	insertContent: (model, dice) => {
		const { client, clock, items } = group(model, dice);
		const at = dice.below(items.length + 1);
		const [kind, raw] = dice.pick(otherContent);
		const tail = BigInt(clock) + BigInt(at) - 1n;
		const origin: Id = [client, tail < 0n ? 0 : tail];
		items.splice(at, 0, { info: 0x80 | kind, origin, content: new Uint8Array(), raw: Uint8Array.from(raw) });
	},
	gcOrSkip: (model, dice) => {
		const { items } = group(model, dice);
		const info = dice.pick([0, 10, 10, 0x20, 0x80, 42]);
		const length = dice.pick([0, 0, 1, 2, ...oddNumbers]);
		const struct: ItemModel = { info, length, content: new Uint8Array() };
		const at = dice.below(items.length + 1);
		items.splice(at, dice.below(2), struct);
	},
	insertItem: (model, dice) => {
		const { items } = group(model, dice);
		const twin = items.length > 0 ? { ...dice.pick(items) } : { info: 0x83, content: dice.bytes(2) };
		items.splice(dice.below(items.length + 1), 0, twin);
	},
	dropItem: (model, dice) => {
		const { items } = group(model, dice);
		items.splice(dice.below(items.length + 1), 1);
	},
	swapContent: (model, dice) => {
		item(model, dice).content = dice.bytes(dice.below(12));
	},
	lieLength: (model, dice) => {
		const bent = item(model, dice);
		bent.length = dice.chance(70) ? bent.content.length + dice.pick([-1, 1, 2]) : dice.pick(oddNumbers);
		if (typeof bent.length === 'number' && bent.length < 0) bent.length = 0;
	},
	giantEntry: (model, dice) => {
		item(model, dice).content = new Uint8Array(16_384 + dice.below(2));
	},
	client: (model, dice, targets) => {
		group(model, dice).client = dice.chance(70) ? dice.pick(targets.epochs) : dice.pick(oddNumbers);
	},
	wholeClient: (model, dice, targets) => {
		const bent = group(model, dice);
		bent.client = dice.pick(targets.epochs);
		for (const { origin, ...rest } of bent.items.splice(0))
			bent.items.push(origin === undefined ? rest : { ...rest, origin: [bent.client, origin[1]] });
	},
	clock: (model, dice) => {
		const bent = group(model, dice);
		bent.clock = dice.chance(60) ? dice.below(9) : dice.pick(oddNumbers);
	},
	wholeClock: (model, dice) => {
		const bent = group(model, dice);
		const start = dice.chance(70) ? dice.below(9) : dice.pick(oddNumbers);
		bent.clock = start;
		bent.items.forEach((each, i) => {
			const clock = BigInt(start) + BigInt(i);
			each.info = clock > 0n ? 0x83 : 0x03;
			each.origin = [bent.client, clock > 0n ? clock - 1n : 0];
		});
	},
	twinGroup: (model, dice) => {
		const twin = group(model, dice);
		model.groups.splice(dice.below(model.groups.length + 1), 0, { ...twin, items: twin.items.map((i) => ({ ...i })) });
	},
	splitGroup: (model, dice) => {
		const whole = group(model, dice);
		const at = dice.below(whole.items.length + 1);
		const rest: GroupModel = {
			client: whole.client,
			clock: BigInt(whole.clock) + BigInt(at),
			items: whole.items.splice(at),
		};
		model.groups.splice(model.groups.indexOf(whole) + 1, 0, rest);
	},
	reorderGroups: (model) => {
		model.groups.reverse();
	},
	emptyGroup: (model, dice, targets) => {
		model.groups.splice(dice.below(model.groups.length + 1), 0, {
			client: dice.pick(targets.epochs),
			clock: dice.below(4),
			items: [],
		});
	},
	lieItems: (model, dice) => {
		const bent = group(model, dice);
		bent.count = dice.chance(60) ? Math.max(0, bent.items.length + dice.pick([-1, 1])) : dice.pick(oddNumbers);
	},
	lieGroups: (model, dice) => {
		model.count = dice.chance(60) ? Math.max(0, model.groups.length + dice.pick([-1, 1])) : dice.pick(oddNumbers);
	},
	deleteSet: (model, dice, targets) => {
		const ranges: [number | bigint, number | bigint][] = [];
		for (let i = dice.below(3); i >= 0; i--)
			ranges.push([dice.below(6), dice.chance(80) ? dice.below(5) : dice.pick(oddNumbers)]);
		model.deletes.push({ client: dice.pick(targets.epochs), ranges: dice.chance(10) ? [] : ranges });
	},
	widen: (model, dice) => {
		model.widen = dice.below(3 + 5 * model.groups.reduce((sum, each) => sum + each.items.length, 1));
	},
};

const byteMutations: readonly ((bytes: Uint8Array, dice: Dice) => Uint8Array)[] = [
	(bytes, dice) => {
		const bent = bytes.slice();
		const at = dice.below(bytes.length);
		bent[at] = (bent[at] ?? 0) ^ (1 << dice.below(8));
		return bent;
	},
	(bytes, dice) => {
		const bent = bytes.slice();
		bent[dice.below(bytes.length)] = dice.pick([0, 1, 2, 3, 10, 0x7f, 0x80, 0x83, 0xff]);
		return bent;
	},
	(bytes, dice) => bytes.slice(0, dice.below(bytes.length + 1)),
	(bytes, dice) => Uint8Array.from([...bytes, ...dice.bytes(1 + dice.below(4))]),
	(bytes) => Uint8Array.from([...bytes, 0]),
	(bytes, dice) => {
		const at = dice.below(bytes.length + 1);
		return Uint8Array.from([...bytes.slice(0, at), ...dice.bytes(1 + dice.below(2)), ...bytes.slice(at)]);
	},
	(bytes, dice) => {
		const at = dice.below(bytes.length + 1);
		return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 1 + dice.below(3))]);
	},
	(bytes, dice) => {
		const from = dice.below(bytes.length);
		const part = bytes.slice(from, from + 1 + dice.below(12));
		const at = dice.below(bytes.length + 1);
		return Uint8Array.from([...bytes.slice(0, at), ...part, ...bytes.slice(at)]);
	},
];

export const mutateBytes = (bytes: Uint8Array, dice: Dice): Uint8Array =>
	bytes.length === 0 ? dice.bytes(1 + dice.below(20)) : dice.pick(byteMutations)(bytes, dice);
