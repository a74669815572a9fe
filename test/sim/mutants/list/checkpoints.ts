import type { Mutant } from '../mutant.js';

/** Compaction: what a checkpoint says, covers and lets go. */
export const checkpoints: readonly Mutant[] = [
	{
		name: 'checkpoint-forgets-holds',
		rules: ['JRN11'],
		en: 'a checkpoint says nothing of open holds',
		zh: '检查点遗漏未了结的预留',
		edits: [
			{
				file: 'escrow/snapshot.ts',
				find: 'const { holds, documents, stopped, grantsTo } = f;',
				replace: 'const { documents, stopped, grantsTo } = f;\n	const holds = new Map<string, Hold>();',
			},
		],
	},
	{
		name: 'checkpoint-forgets-documents',
		rules: ['JRN11', 'ESC3'],
		en: 'who begins from a checkpoint does not know which documents were booked',
		zh: '从检查点启动者不知道哪些单据已入账',
		edits: [
			{
				file: 'escrow/snapshot.ts',
				find: 'for (const [key, minters] of read.documents) f.documents.set(key, new Map(minters));',
				replace: '',
			},
		],
	},
	{
		name: 'checkpoint-forgets-keys',
		rules: ['JRN11', 'ESC8'],
		en: 'who begins from a checkpoint does not know which idempotency keys were used',
		zh: '从检查点启动者不知道哪些幂等键已用过',
		edits: [
			{
				file: 'ledger/figures.ts',
				find: 'for (const [key, commits] of keys.read(from)) into.keys.set(key, [...commits]);',
				replace: 'keys.read(from);',
			},
		],
	},
	{
		name: 'checkpoint-forgets-grants',
		rules: ['JRN10', 'JRN11'],
		en: 'who begins from a checkpoint does not name the grants in it that it spends from',
		zh: '从检查点启动者支出时不写明其中的拨付依据',
		edits: [
			{
				file: 'escrow/snapshot.ts',
				find: 'for (const [device, granted] of read.grantsTo) f.grantsTo.set(device, new Map(granted));',
				replace: '',
			},
		],
	},
	{
		name: 'checkpoint-forgets-exceptions',
		rules: ['JRN11', 'ESC5'],
		en: 'who begins from a checkpoint does not see which exceptions are open',
		zh: '从检查点启动者看不到未处理的异常',
		edits: [
			{
				file: 'escrow/snapshot.ts',
				find: 'for (const exception of read.exceptions) f.exceptions.set(exception.id, exception);',
				replace: '',
			},
		],
	},
	{
		name: 'checkpoint-of-one-archive',
		rules: ['JRN11'],
		en: 'a checkpoint covers rows that nobody else has',
		zh: '检查点覆盖了别处没有的条目',
		edits: [
			{
				file: 'replica/home.ts',
				find: 'Math.min(epoch.durable, this.#archived(epoch.id), view.at(epoch.id))',
				replace: 'Math.min(epoch.durable, view.at(epoch.id))',
			},
		],
	},
	{
		name: 'same-box-is-an-archive',
		rules: ['JRN11'],
		en: 'the relay in the home’s own box counts as the second archive',
		zh: '同一机箱内的中继被当成第二份存档',
		edits: [
			{
				file: 'relay/relay-core.ts',
				find: 'const home = (): Introduction => ({ ...down(), archive: false });',
				replace: 'const home = down;',
			},
			{
				file: 'sync/tidings.ts',
				find: 'if (this.#circle.isSameBox(session)) {\n\t\t\tthis.#remind(ledger, positions);\n\t\t\treturn;\n\t\t}',
				replace: '',
			},
		],
	},
	{
		name: 'checkpoint-of-half-a-commit',
		rules: ['JRN4', 'JRN11'],
		en: 'a checkpoint does not say which parts in other ledgers it counted',
		zh: '检查点不写明它计入了其他账本的哪些部分',
		edits: [
			{
				file: 'replica/home.ts',
				find: 'if (this.#core.names(other) && (goal.get(at.epoch) ?? floor(at.epoch)) < at.count) return; // closed, not counted',
				replace: 'if (at.count > 0) return;',
			},
		],
	},
	{
		name: 'grant-counted-twice',
		rules: ['JRN11', 'ESC2'],
		en: 'after a checkpoint was adopted the rows that it covers are counted once more',
		zh: '采用检查点后，它已覆盖的条目又被计入一次',
		edits: [
			{
				file: 'journal/view.ts',
				find: 'for (let i = c.cut.get(epoch.id)?.count ?? 0; i < shown; i++)',
				replace: 'for (let i = 0; i < shown; i++)',
			},
		],
	},
	{
		name: 'newest-rows-lost-on-rebase',
		rules: ['JRN9', 'JRN11'],
		en: 'after a checkpoint was adopted the rows shown beyond it are not counted again',
		zh: '采用检查点后，其后已显示的条目没有补计',
		edits: [
			{
				file: 'journal/view.ts',
				find: 'for (let i = c.cut.get(epoch.id)?.count ?? 0; i < shown; i++)',
				replace: 'for (let i = shown; i < shown; i++)',
			},
		],
	},
	{
		name: 'view-goes-back',
		rules: ['JRN9', 'JRN11'],
		en: 'a replica adopts a checkpoint that says less than it has shown',
		zh: '副本采用比已显示内容更旧的检查点',
		edits: [
			{
				file: 'journal/view.ts',
				find: 'if (Math.max(rows ? limit(rows) : 0, c.cut.get(epoch)?.count ?? 0) < this.at(epoch)) return true;',
				replace: '',
			},
		],
	},
	{
		name: 'rows-dropped-too-early',
		rules: ['JRN11'],
		en: 'a till drops the rows of an epoch that its device still writes',
		zh: '设备仍在写的纪元被提前丢弃',
		edits: [
			{
				file: 'replica/upkeep.ts',
				find: '&& !books.of(ledger).escrow.fenced(epoch.name.device)) continue;',
				replace: '&& isFollowed) continue;',
			},
		],
	},
	{
		name: 'archive-drops-rows',
		rules: ['JRN11'],
		en: 'an archive lets go of rows as a till does',
		zh: '存档设备也像收银机一样丢弃条目',
		edits: [
			{
				file: 'replica/upkeep.ts',
				find: 'if (!core.settings.archive) this.#dropCovered(ledger);',
				replace: 'this.#dropCovered(ledger);',
			},
		],
	},
];
