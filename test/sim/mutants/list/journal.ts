import type { Mutant } from '../mutant.js';

/** Rows and the view over them. */
export const journal: readonly Mutant[] = [
	{
		name: 'fold-adds-duplicate',
		rules: ['JRN9'],
		en: 'an epoch that had to wait is folded again from the last row that it showed',
		zh: '等待过的纪元从已显示的最后一行重新折叠，重复计入',
		edits: [
			{
				file: 'journal/view.ts',
				find: 'this.#show(epoch, this.at(id), to);',
				replace: 'this.#show(epoch, to > this.at(id) ? Math.max(0, this.at(id) - 1) : to, to);',
			},
		],
	},
	{
		name: 'half-commit-shown',
		rules: ['JRN4', 'JRN9'],
		en: 'a view shows one part of a commit while the others are still on their way',
		zh: '视图只显示一次提交的一部分，其余还在路上',
		edits: [
			{
				file: 'journal/closure.ts',
				find: 'for (const part of parts) if (input.holds(part.ledger)',
				replace: 'for (const part of parts) if (input.holds(part.ledger) && index < 0',
			},
		],
	},
	{
		name: 'half-commit-taken-for-whole',
		rules: ['JRN4', 'JRN9'],
		en: 'rows that came together are shown at once, although a part of their commit came with none of them',
		zh: '一起到达的条目立即显示，尽管其提交的另一部分并未随之到达',
		edits: [
			{
				file: 'journal/view.ts',
				find: 'if (this.#o.holds(part.ledger) && at(part.epoch) <= part.index) return false;',
				replace: 'if (this.#o.holds(part.ledger) && at(part.epoch) < 0) return false;',
			},
		],
	},
	{
		name: 'view-before-disk',
		rules: ['JRN3'],
		en: 'the view shows rows that are not on disk yet',
		zh: '视图显示尚未落盘的条目',
		edits: [
			{
				file: 'replica/open.ts',
				find: 'limit: (epoch) => firmRows(epoch, pairs)',
				replace: 'limit: (epoch) => epoch.count',
			},
		],
	},
	{
		name: 'notify-before-fsync',
		rules: ['JRN3'],
		en: 'a sale is confirmed, shown and sent as soon as it is handed to the disk',
		zh: '刚交给磁盘、尚未同步，就已确认、显示并外发',
		edits: [
			{
				file: 'replica/writer.ts',
				find: 'this.#o.disk.write({ puts, deletes }).then(flushed).catch(reject);',
				replace: 'this.#o.disk.write({ puts, deletes }).catch(reject); flushed();',
			},
		],
	},
	{
		name: 'parts-in-two-writes',
		rules: ['JRN4'],
		en: 'the parts of a commit go to disk in two transactions, and a crash may come between them',
		zh: '一次提交的各部分分两次写盘，其间可能崩溃',
		edits: [
			{
				file: 'replica/writer.ts',
				find: 'this.#o.disk.write({ puts, deletes }).then(flushed).catch(reject);',
				replace:
					'const half = puts.length >> 1; this.#o.disk.write({ puts: puts.slice(0, half), deletes: [] }).catch(() => {}); this.#o.disk.write({ puts: puts.slice(half), deletes }).then(flushed).catch(reject);',
			},
		],
	},
	{
		name: 'relies-left-out',
		rules: ['JRN10'],
		en: 'who spends what was granted does not name the grant, so that others may see the spend before it',
		zh: '花掉拨来的份额却不写明依据，别人可能先看到支出',
		edits: [
			{
				file: 'replica/writer.ts',
				find: 'if (writing.namedVersion === escrow.grantsVersion) return [];',
				replace: 'if (escrow.grantsVersion >= 0) return [];',
			},
		],
	},
	{
		name: 'relies-named-once-for-all',
		rules: ['JRN10'],
		en: 'an epoch names the first grants that it relies on, and none that come later',
		zh: '纪元只写明最初的拨付依据，之后的都不写',
		edits: [
			{
				file: 'replica/writer.ts',
				find: 'if (writing.namedVersion === escrow.grantsVersion) return [];',
				replace: 'if (writing.namedVersion >= 0) return [];',
			},
		],
	},
	{
		name: 'takes-what-it-cannot-show',
		rules: ['JRN10', 'SYN1'],
		en: 'a receiver takes rows whose named heads it lacks',
		zh: '缺少所引用的头部，仍收下条目',
		edits: [
			{
				file: 'journal/admission.ts',
				find: 'if (!((prev === null || isHeld(prev)) && relies.every(isHeld))) break;',
				replace: 'if (relies.some((at) => at.count < 0 && isHeld(at))) break;',
			},
		],
	},
	{
		name: 'seal-not-verified',
		rules: ['JRN8'],
		en: 'a seal is read and not verified: anybody may write in anybody’s journal',
		zh: '封印只读不验，任何人都能冒写他人日志',
		edits: [
			{
				file: 'journal/admission.ts',
				find: 'if (!(await verifySeal(crypto, opening.key, seal, last)))',
				replace: 'if (!(await verifySeal(crypto, opening.key, seal, last)) && from < 0)',
			},
		],
	},
	{
		name: 'seal-of-another-accepted',
		rules: ['JRN8'],
		en: 'an opening may be sealed by a key that is not the one its device is named after',
		zh: '开篇可由与设备名不符的密钥封印',
		edits: [
			{
				file: 'journal/admission.ts',
				find: 'crypto.sha256) !== device',
				replace: "crypto.sha256) === ''",
			},
		],
	},
	{
		name: 'gate-forgets-tail',
		rules: ['JRN2', 'SYN1'],
		en: 'the gate lets in items that do not go on after the exact one before them',
		zh: '闸门不核对紧接的前一项',
		edits: [
			{
				file: 'journal/gate.ts',
				find: 'if (originClient === client && originClock === clock - 1) return true;',
				replace: 'if (originClient === client) return true;',
			},
		],
	},
	{
		name: 'amounts-not-checked',
		rules: ['ESC1'],
		en: 'entries of nothing and of too much pass the door',
		zh: '数量为零或过大的条目也能入门',
		edits: [
			{
				file: 'journal/admission.ts',
				find: `		case 'overdraw':
			return leg.amount > 0;`,
				replace: `		case 'overdraw':
			return leg.amount >= 0;`,
			},
		],
	},
	{
		name: 'late-entries-dropped',
		rules: ['ESC7'],
		en: 'what a fenced device had sold before it knew is not counted',
		zh: '被隔离设备在得知之前的销售不计入',
		edits: [
			{
				file: 'ledger/figures.ts',
				find: 'const { device } = epoch.name;\n		if (entry.time.ms > this.newestMs)',
				replace:
					'const { device } = epoch.name;\n		if (this.escrow.fenced(device)) return;\n		if (entry.time.ms > this.newestMs)',
			},
		],
	},
	{
		name: 'cell-order-of-arrival',
		rules: ['JRN9'],
		en: 'of two prices the one that arrived last wins and not the one that was set last, so that every till shows its own',
		zh: '两个价格以后到者为准，而非后设者，各机显示不一',
		edits: [
			{
				file: 'ledger/figures.ts',
				find: 'priority - now.priority || compareTime(time, now.time)',
				replace: 'priority - now.priority',
			},
			{
				file: 'ledger/figures.ts',
				find: 'if ((order || compareStrings(device, now.device) || epoch - now.epoch) < 0) return;',
				replace: 'if (order < 0) return;',
			},
		],
	},
	{
		name: 'log-order-of-arrival',
		rules: ['JRN9'],
		en: 'a log stays in the order in which its entries came',
		zh: '日志保持到达顺序，不再排序',
		edits: [{ file: 'ledger/figures.ts', find: 'this.#sorted = false;', replace: 'this.#sorted = true;' }],
	},
	{
		name: 'anybody-may-fence',
		rules: ['ESC6'],
		en: 'a fence is taken of a device whose certificate does not let it be home',
		zh: '证书不允许作为 home 的设备也能隔离他人',
		edits: [
			{
				file: 'journal/warden.ts',
				find: 'return rights.home ? undefined : leg.kind;',
				replace: 'return undefined;',
			},
		],
	},
];
