import type { Mutant } from '../mutant.js';

/** What is set aside: taken, given back, or forgotten until it expires. */
export const holds: readonly Mutant[] = [
	{
		name: 'capture-returns-nothing',
		rules: ['ESC4'],
		en: 'a capture of less than was held keeps the rest',
		zh: '部分扣款后，剩余预留不退回',
		edits: [
			{
				file: 'escrow/share.ts',
				find: 'at.device, leg.held - leg.amount, -leg.held, leg.amount);',
				replace: 'at.device, 0, -leg.held, leg.held);',
			},
		],
	},
	{
		name: 'hold-resolved-twice',
		rules: ['ESC4'],
		en: 'a hold that is being captured may be captured, released or expired once more before the view shows it',
		zh: '预留正在了结、视图尚未显示时，可再次了结',
		edits: [
			{
				file: 'ledger/books.ts',
				find: "&& !this.#underWay.has(documentKey(ledger, 'hold', id)) ? hold",
				replace: '? hold',
			},
		],
	},
	{
		name: 'capture-exceeds-hold',
		rules: ['ESC4'],
		en: 'a capture may take more than was held',
		zh: '扣款可以超过预留',
		edits: [
			{ file: 'ledger/tx.ts', find: 'if (taken > open.held) throw', replace: 'if (taken < 0) throw' },
			{ file: 'journal/admission.ts', find: 'leg.amount > 0 && leg.amount <= leg.held', replace: 'leg.amount > 0' },
		],
	},
	{
		name: 'expiry-by-wall-clock',
		rules: ['ESC4'],
		en: 'a hold expires when the clock on the wall says so, and not when its lease has run',
		zh: '预留按墙上时钟到期，而不是按运行时间',
		edits: [
			{
				file: 'replica/upkeep.ts',
				find: `		const expire = () => {
			this.#expiries.delete(id);`,
				replace: `		const { clock, timers } = core.platform;
		const dueMs = clock.nowMs() + delayMs;
		const expire = () => {
			if (clock.nowMs() < dueMs) {
				this.#expiries.set(id, timers.after(100, expire, true));
				return;
			}
			this.#expiries.delete(id);`,
			},
			{
				file: 'replica/upkeep.ts',
				find: 'this.#expiries.set(id, core.platform.timers.after(delayMs, expire, true));',
				replace: 'this.#expiries.set(id, core.platform.timers.after(Math.min(delayMs, 100), expire, true));',
			},
		],
	},
	{
		name: 'expiry-runs-once-a-process',
		rules: ['ESC4'],
		en: 'a hold that was opened before a restart never expires',
		zh: '重启前的预留永不到期',
		edits: [
			{
				file: 'replica/upkeep.ts',
				find: 'if (hold.device === core.device && !this.#expiries.has(id))',
				replace:
					'if (hold.device === core.device && id.startsWith(core.writer.writing(ledger).epoch.id.toString(36)) && !this.#expiries.has(id))',
			},
		],
	},
	{
		name: 'hold-lost-on-reopen',
		rules: ['ESC4', 'JRN11'],
		en: 'a hold that a checkpoint covers is not read back: what it set aside is gone with the next start',
		zh: '检查点中的预留未读回，重启后预留丢失',
		edits: [
			{
				file: 'escrow/snapshot.ts',
				find: 'for (const [id, hold] of read.holds) f.holds.set(id, hold);',
				replace: '',
			},
		],
	},
];
