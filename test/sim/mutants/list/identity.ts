import type { Mutant } from '../mutant.js';

/** A device among its own journals: restarts, clones, fences. */
export const identity: readonly Mutant[] = [
	{
		name: 'epoch-goes-on-after-restart',
		rules: ['JRN6'],
		en: 'a restart goes on in the epoch of the last opening: its client id is used again',
		zh: '重启后续写上次的纪元，客户端编号被重用',
		edits: [
			{
				file: 'replica/writer.ts',
				find: 'const opened = this.#open(ledger);',
				replace: `const tip = this.#tips.get(ledger);
		const last = tip && this.#o.journal.get(tip.epoch);
		const goesOn = last?.name.device === this.device && last.name.segment >= this.segment(ledger);
		const opened = goesOn ? { epoch: last, opening: undefined, named: new Map(), namedVersion: -1 } : this.#open(ledger);`,
			},
		],
	},
	{
		name: 'own-debits-forgotten-on-open',
		rules: ['ESC1', 'JRN7'],
		en: 'after a restart the device’s own entries that wait for a part do not count against its share',
		zh: '重启后，自家尚未入视图的条目不再占用份额',
		edits: [
			{
				file: 'replica/identity.ts',
				find: 'core.books.wrote(epoch.name.ledger, epoch.entry(i));',
				replace: 'epoch.entry(i);',
			},
		],
	},
	{
		name: 'tail-not-taken-back',
		rules: ['JRN7'],
		en: 'a device whose disk lost its tail goes on after what it has, although its peers hold more',
		zh: '磁盘丢尾的设备从残存处续写，不取回同伴手中的尾部',
		edits: [
			{
				file: 'replica/identity.ts',
				find: 'if (!writer.hasWritten(ledger)) for',
				replace: 'if (!writer.tip(ledger)) for',
			},
		],
	},
	{
		name: 'tail-taken-without-debits',
		rules: ['ESC1', 'JRN7'],
		en: 'a lost tail is taken back, and what it had spent is not',
		zh: '丢失的尾部取回了，其中的支出却没有记上',
		edits: [
			{
				file: 'replica/intake.ts',
				find: 'if (own && epoch.count > view.at(epoch.id)) books.wrote(epoch.name.ledger, entry);',
				replace: '',
			},
		],
	},
	{
		name: 'tail-debited-twice',
		rules: ['ESC1', 'JRN7'],
		en: 'a lost tail that a checkpoint has shown already is debited once more when it comes back',
		zh: '检查点已显示过的丢失尾部，取回时又扣一次',
		edits: [
			{
				file: 'replica/intake.ts',
				find: 'if (own && epoch.count > view.at(epoch.id)) books.wrote(epoch.name.ledger, entry);',
				replace: 'if (own) books.wrote(epoch.name.ledger, entry);',
			},
		],
	},
	{
		name: 'writes-before-it-has-met',
		rules: ['JRN7', 'ESC9'],
		en: 'after a restart a device writes by itself before any peer has told what it holds',
		zh: '重启后，不等同伴告知其所持便自行写入',
		edits: [
			{
				file: 'replica/outbox.ts',
				find: 'writer.hasWritten(ledger) || this.caughtUp(ledger) ||',
				replace: 'writer.hasWritten(ledger) || this.caughtUp(ledger) || ledger.length > 0 ||',
			},
		],
	},
	{
		name: 'fork-not-flagged',
		rules: ['JRN7'],
		en: 'an entry with two successors is seen, and nobody is told',
		zh: '看见一个条目有两个后继，却不作标记',
		edits: [
			{
				file: 'journal/forks.ts',
				find: 'if (this.#goesOnAt.has(key) || (prev && grown > at)) this.devices.add(device);',
				replace: 'if (this.#goesOnAt.has(key)) return;',
			},
		],
	},
	{
		name: 'clone-goes-on-spending',
		rules: ['JRN7', 'ESC6'],
		en: 'a device that knows of its clone goes on spending under the shared name',
		zh: '设备得知自己被克隆，仍以同一身份支出',
		edits: [
			{
				file: 'replica/open-replica.ts',
				find: "(core.flagged ? 'restricted' : undefined)",
				replace: "(core.closed ? 'restricted' : undefined)",
			},
		],
	},
	{
		name: 'torn-not-declared',
		rules: ['JRN4'],
		en: 'a device that finds parts of its own commit lost says nothing, and all wait for them for ever',
		zh: '设备发现自己提交的部分已丢失却不声明，大家永远等下去',
		edits: [
			{
				file: 'replica/identity.ts',
				find: 'if (legs.length === 0) continue;',
				replace: 'if (legs.length >= 0) continue;',
			},
		],
	},
	{
		name: 'fence-without-right',
		rules: ['ESC6'],
		en: 'whoever is asked to fence fences, without spending the one right to do so',
		zh: '无需用掉唯一的隔离权即可隔离',
		edits: [
			{
				file: 'replica/home.ts',
				find: `		if (!books.hasMinted(ledger, right, right)) legs.push({ kind: 'mint', pool: right, amount: 1, document: right });
		else if (books.mine(ledger, right) < 1) return;`,
				replace: '',
			},
			{ file: 'replica/home.ts', find: "legs.push({ kind: 'spend', pool: right, amount: 1 }, ", replace: 'legs.push(' },
		],
	},
	{
		name: 'reclaim-takes-more',
		rules: ['ESC6'],
		en: 'a reclaim takes what is held twice: with the share and as a hold',
		zh: '收回时把预留算了两遍',
		edits: [
			{
				file: 'replica/home.ts',
				find: 'held < 0 ? [rest, 0] : share < 0 ? [0, rest] : [share, held];',
				replace: '[rest, held];',
			},
		],
	},
	{
		name: 'reclaim-leaves-holds',
		rules: ['ESC6'],
		en: 'a reclaim leaves what the fenced device had set aside',
		zh: '收回时遗漏被隔离设备的预留',
		edits: [
			{
				file: 'replica/home.ts',
				find: 'held < 0 ? [rest, 0] : share < 0 ? [0, rest] : [share, held];',
				replace: '[Math.max(0, Math.min(share, rest)), 0];',
			},
		],
	},
	{
		name: 'rename-keeps-shares',
		rules: ['JRN7', 'ESC6'],
		en: 'a fenced device enrols under a new name and reckons with the shares of the old one',
		zh: '被隔离设备换了新名，仍按旧名的份额计算',
		edits: [{ file: 'replica/identity.ts', find: 'core.books.rename(core.device);', replace: '' }],
	},
	{
		name: 'rename-keeps-journal',
		rules: ['JRN6', 'JRN7'],
		en: 'a fenced device takes a new key and goes on in the journals of its old name',
		zh: '被隔离设备换了密钥，仍续写旧名的日志',
		edits: [{ file: 'replica/identity.ts', find: 'core.writer = createWriter(core, pair);', replace: '' }],
	},
];
