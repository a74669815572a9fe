import type { Mutant } from '../mutant.js';

/** Between replicas: what is said, sent, acknowledged. */
export const sync: readonly Mutant[] = [
	{
		name: 'ack-before-apply',
		rules: ['SYN2'],
		en: 'others’ rows are acknowledged and shown before they are on disk',
		zh: '他人的条目尚未落盘就已确认并显示',
		edits: [
			{
				file: 'replica/intake.ts',
				find: 'await this.#core.disk.write(batch);',
				replace: 'this.#core.disk.write(batch).catch(() => {});',
			},
		],
	},
	{
		name: 'sends-unsynced-rows',
		rules: ['JRN3', 'JRN8'],
		en: 'rows are sealed and sent while they are on their way to disk',
		zh: '条目尚在写盘途中就封印外发',
		edits: [
			{
				file: 'replica/outbox.ts',
				find: 'const pair = epoch.sealed < epoch.durable &&',
				replace: 'const pair = epoch.sealed < epoch.count &&',
			},
			{
				file: 'replica/outbox.ts',
				find: `		while (epoch.sealed < epoch.durable) {
			const count = epoch.sealPoint(epoch.sealed, epoch.durable);`,
				replace: `		while (epoch.sealed < epoch.count) {
			const count = epoch.sealPoint(epoch.sealed, epoch.count);`,
			},
		],
	},
	{
		name: 'reach-of-the-wrong-peer',
		rules: ['SYN2'],
		en: 'a copy at a colleague’s till is reported as being at the store',
		zh: '同事收银机上的副本被当成已到门店',
		edits: [{ file: 'sync/reach.ts', find: "device: 'copy', store", replace: "device: 'store', store" }],
	},
	{
		name: 'store-is-headquarters',
		rules: ['SYN2'],
		en: 'what the store’s relay has is reported as being at headquarters',
		zh: '门店中继持有的被当成已到总部',
		edits: [{ file: 'sync/reach.ts', find: "store: 'store', hq", replace: "store: 'hq', hq" }],
	},
	{
		name: 'lost-frame-not-repeated',
		rules: ['SYN5', 'SYN4'],
		en: 'what was sent and got lost is taken as there',
		zh: '发出后丢失的被当成已送达',
		edits: [
			{ file: 'sync/peer-rows.ts', find: 'for (const { sent } of this.#ledgers.values()) sent.clear();', replace: '' },
		],
	},
	{
		name: 'resume-forgets-backlog',
		rules: ['SYN4'],
		en: 'what was sold while the line was down is not sent when it is back',
		zh: '断线期间的销售在恢复后未补发',
		edits: [
			{
				file: 'replica/lines.ts',
				find: 'if (session.inSync) this.outbox.sealSoon(core.ledgers());',
				replace: '',
			},
		],
	},
	{
		name: 'conversation-outlives-line',
		rules: ['SYN4', 'SYN5'],
		en: 'after a reconnect what was under way on the old line is taken as sent',
		zh: '重连后，旧线路上在途的被当成已发',
		edits: [
			{
				file: 'sync/session.ts',
				find: `		this.isFull = false;
		this.#talk = this.#newTalk();`,
				replace: '		this.isFull = false;',
			},
			{
				file: 'sync/session.ts',
				find: `		this.#talk = this.#newTalk();
		this.#early = 0;`,
				replace: '		this.#early = 0;',
			},
		],
	},
	{
		name: 'digest-ignores-counts',
		rules: ['SYN5'],
		en: 'two replicas that hold the same epochs take each other for equal, however far each epoch goes',
		zh: '纪元相同就视为一致，不看各自多长',
		edits: [
			{ file: 'replica/holdings.ts', find: '			writeVarUint(to, count);\n', replace: '' },
			// Marks tell how far an epoch goes as well.
			{ file: 'replica/holdings.ts', find: 'mark({ epoch, count }) ?? nothing', replace: 'nothing' },
		],
	},
	{
		name: 'comparison-skips-a-ledger',
		rules: ['SYN5'],
		en: 'a ledger that the peer does not name is not compared: it never gets the rows that were there before',
		zh: '对方未提及的账本不作比较，先前的条目永不送达',
		edits: [
			{
				file: 'sync/comparison.ts',
				find: 'if (!digest) this.#learn(ledger, new Map());',
				replace: 'if (!digest) continue;',
			},
		],
	},
	{
		name: 'gap-not-asked-for',
		rules: ['SYN1'],
		en: 'what does not fit is left out, and nobody asks for what lies before it',
		zh: '接不上的条目被丢下，也不去要前面的',
		edits: [{ file: 'sync/incoming.ts', find: 'if (again) this.#comparison.noteAgain(ledger);', replace: '' }],
	},
];
