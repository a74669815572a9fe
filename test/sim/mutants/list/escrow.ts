import type { Mutant } from '../mutant.js';

/** What is scarce: spent, minted, granted. */
export const escrow: readonly Mutant[] = [
	{
		name: 'esc1-forgets-unseen-debits',
		rules: ['ESC1'],
		en: 'a spend is checked against the view alone, without the debits that the view does not show yet',
		zh: '支出只与视图核对，忘了视图尚未显示的自家扣减',
		edits: [
			{
				file: 'ledger/books.ts',
				find: 'return share - (this.#unseen.get(ledger)?.get(pool) ?? 0);',
				replace: 'return share;',
			},
		],
	},
	{
		name: 'basket-not-added-up',
		rules: ['ESC1'],
		en: 'two lines of one commit are each checked as if the other were not there',
		zh: '同一次提交的两行各自核对，互不相加',
		edits: [{ file: 'ledger/tx.ts', find: 'mine += gainOf(leg);', replace: 'mine += 0;' }],
	},
	{
		name: 'self-grant-mints',
		rules: ['ESC1', 'ESC2'],
		en: 'a device may grant to itself, and what it gives is added to what it had before',
		zh: '设备可以拨给自己，且按拨付前的份额相加，凭空多出',
		edits: [
			{
				file: 'ledger/tx.ts',
				find: 'if (to === this.#context.device)',
				replace: 'if (to === undefined)',
			},
			{ file: 'journal/admission.ts', find: 'leg.amount > 0 && leg.to !== author', replace: 'leg.amount > 0' },
			{
				file: 'escrow/share.ts',
				find: `				move(this.pool(leg.pool), at.device, -leg.amount, 0, 0);
				move(this.pool(leg.pool), leg.to, leg.amount, 0, 0);`,
				replace: `				const had = this.pool(leg.pool).of(leg.to).share;
				move(this.pool(leg.pool), at.device, -leg.amount, 0, 0);
				this.pool(leg.pool).of(leg.to).share = had + leg.amount;`,
			},
		],
	},
	{
		name: 'home-grants-what-it-has-not',
		rules: ['ESC1'],
		en: 'who keeps shares for others gives what is asked for, whether it has it or not',
		zh: '保管份额者要多少给多少，不看自己有没有',
		edits: [
			{
				file: 'escrow/redistribution.ts',
				find: 'if (rests) return Math.min(amount, has);',
				replace: 'if (rests && has > 0) return amount;',
			},
		],
	},
	{
		name: 'ask-granted-twice',
		rules: ['ESC2'],
		en: 'an ask that comes again, by another way or doubled on the line, is granted again',
		zh: '同一请求重复到达时再次拨付',
		edits: [
			{
				file: 'replica/shares.ts',
				find: 'if (this.#seen.has(rootOf(id)) || !isSound(ask)) return;',
				replace: 'if (!isSound(ask)) return;',
			},
		],
	},
	{
		name: 'mint-forgets-document',
		rules: ['ESC3'],
		en: 'a delivery note that is scanned again on the same device is booked again',
		zh: '同一设备再次扫描同一张单据，又入账一次',
		edits: [
			{ file: 'ledger/tx.ts', find: 'books.hasMinted(ledger, id, document) || ', replace: '' },
			{
				file: 'escrow/share.ts',
				find: 'const more = amount - (minters.get(device) ?? 0);',
				replace: 'const more = amount;',
			},
		],
	},
	{
		name: 'overdraw-without-exception',
		rules: ['ESC5'],
		en: 'selling beyond the share under the soft policy opens no exception',
		zh: '软策略超额售出，却不产生异常',
		edits: [
			{
				file: 'escrow/share.ts',
				find: `		this.exceptions.set(id, {
			id,
			kind: 'oversell',`,
				replace: `		new Map().set(id, {
			id,
			kind: 'oversell',`,
			},
		],
	},
	{
		name: 'overdraw-spends-nothing',
		rules: ['ESC5'],
		en: 'a soft sale that is short books all of it as overdrawn and leaves the share untouched',
		zh: '软策略份额不足时，全部记为透支，份额分文未动',
		edits: [
			{ file: 'ledger/tx.ts', find: 'const share = Math.max(0, mine);', replace: 'const share = Math.min(0, mine);' },
		],
	},
	{
		name: 'key-forgotten-on-restart',
		rules: ['ESC8'],
		en: 'an idempotency key holds until the process ends: after a restart the same sale is booked again',
		zh: '幂等键只在进程内有效，重启后同一笔销售再记一次',
		edits: [
			{
				file: 'ledger/commit.ts',
				find: 'if (first) return { ...first,',
				replace: 'if (first && this.#author.writing(ledger).epoch.id === first.epoch) return { ...first,',
			},
		],
	},
	{
		name: 'unknown-stop-ignored',
		rules: ['JRN12'],
		en: 'an unknown entry that says stop stops nothing',
		zh: '未知的 stop 条目未能停止支出',
		edits: [
			{
				file: 'ledger/tx.ts',
				find: "this.#context.books.isStopped(ledger, id) ? 'upgrade_required' : undefined",
				replace: "this.#context.books.isStopped(ledger, '') ? 'upgrade_required' : undefined",
			},
		],
	},
	{
		name: 'shares-to-and-fro',
		rules: ['ESC10'],
		en: 'an exact-timeout comparison is turned round: who has just given may ask for more, and who gave long ago may not',
		zh: '超时比较写反：刚拨出的可以马上再要，早已拨出的反而不行',
		edits: [
			{
				file: 'escrow/redistribution.ts',
				find: 'sinceGaveMs >= reverseCoolMs',
				replace: 'sinceGaveMs < reverseCoolMs',
			},
		],
	},
	{
		name: 'busy-shares-rest',
		rules: ['ESC10'],
		en: 'an exact-timeout comparison is turned round: shares in use go home, and idle ones stay',
		zh: '超时比较写反：正在用的份额被送回，闲置的反而留下',
		edits: [
			{
				file: 'replica/rest.ts',
				find: 'uses.of(ledger, pool).idleMs(has) < core.settings.restAfterMs',
				replace: 'uses.of(ledger, pool).idleMs(has) >= core.settings.restAfterMs',
			},
		],
	},
];
