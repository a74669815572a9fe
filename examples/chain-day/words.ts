import type { Language } from './args.js';
import type { CheckName } from './checks.js';

export interface Words {
	readonly title: (days: string, stores: number, tills: number) => string;
	readonly input: string;
	readonly sold: (tickets: string, money: string) => string;
	readonly tickets: string;
	readonly total: string;
	readonly store: (outlet: string) => string;
	readonly chain: string;
	/** Over the table of Zs; then its columns. */
	readonly closes: string;
	readonly closed: string;
	readonly sales: string;
	readonly gross: string;
	readonly discounts: string;
	readonly net: string;
	readonly counted: string;
	readonly difference: string;
	readonly trouble: string;
	readonly outages: string;
	readonly powerCuts: string;
	readonly relayKills: string;
	readonly restores: string;
	readonly resent: (sent: number, replayed: number) => string;
	readonly parked: string;
	readonly redeemed: (done: number, refused: number) => string;
	readonly unstocked: string;
	readonly wasted: string;
	readonly delivered: (store: string, headquarters: string) => string;
	readonly bytes: string;
	readonly checks: Readonly<Record<CheckName, string>>;
	readonly noExpected: string;
	readonly good: string;
	readonly bad: string;
	readonly verdict: (ok: boolean, seconds: string) => string;
	readonly footer: readonly string[];
}

const english: Words = {
	title: (days, stores, tills) => `Trading ${days}: ${stores} stores, ${tills} tills`,
	input: 'input',
	sold: (tickets, money) => `${tickets} tickets, ${money}`,
	tickets: 'tickets',
	total: 'total',
	store: (outlet) => `store ${outlet}`,
	chain: 'chain',
	closes: 'Closed at night by the Z of each store',
	closed: 'Z',
	sales: 'sales',
	gross: 'gross',
	discounts: 'discounts',
	net: 'net',
	counted: 'cash counted',
	difference: 'over or short',
	trouble: 'What went wrong on the way',
	outages: 'times a line was cut',
	powerCuts: 'tills killed in the middle of a sale',
	relayKills: 'store relays killed and started again',
	restores: 'tills that got an old copy of their disk back',
	resent: (sent, replayed) => `${sent} sales sent twice, ${replayed} recognised as booked already`,
	parked: 'sales that waited for pastry from another till',
	redeemed: (done, refused) => `${done} redemptions in another store, ${refused} refused`,
	unstocked: 'pastries sold that no shelf had (see below)',
	wasted: 'pastries thrown away at closing',
	delivered: (store, headquarters) =>
		`99 of 100 sales, once durable, were in view at the store's other tills within ${store}, at headquarters within ${headquarters}, where lines were up`,
	bytes: 'a till keeps',
	checks: {
		replicasEqual: 'Every copy shows the same',
		ticketsOnce: 'Every ticket is booked exactly once',
		totals: 'Money agrees, store by store, day by day',
		closed: 'Each Z is what was sold; nothing came late',
		expected: 'Money agrees with expected.json',
		oversold: 'No pastry sold twice',
		unstocked: 'No pastry called missing that was there',
		overspent: 'No point spent twice',
		conserved: 'Nothing scarce appeared or vanished',
		healthy: 'No till cloned or stuck, nothing to sort out',
	},
	noExpected: '(not given)',
	good: 'ok',
	bad: 'WRONG',
	verdict: (ok, seconds) => (ok ? `All is well, after ${seconds} s.` : `Something is wrong, after ${seconds} s.`),
	footer: [
		'Pastry is counted where the stock table has a row for the store, product and day; its start of day is all there is to',
		'sell. Some receipts sell more than that. Those sales happened, so they are booked; the units that no till of the store',
		'had once all were reachable are counted above, and are never taken from a shelf.',
	],
};

const chinese: Words = {
	title: (days, stores, tills) => `营业 ${days}：${stores} 家门店，${tills} 台收银机`,
	input: '数据',
	sold: (tickets, money) => `${tickets} 笔，${money}`,
	tickets: '笔数',
	total: '金额',
	store: (outlet) => `门店 ${outlet}`,
	chain: '合计',
	closes: '各店日结（Z 报表）',
	closed: 'Z',
	sales: '笔数',
	gross: '折前金额',
	discounts: '折扣',
	net: '净额',
	counted: '实点现金',
	difference: '长短款',
	trouble: '途中出的故障',
	outages: '次断网',
	powerCuts: '台收银机在记账途中被强行终止',
	relayKills: '台门店中继被强行终止后重启',
	restores: '台收银机的硬盘换回了旧备份',
	resent: (sent, replayed) => `${sent} 笔重复提交，其中 ${replayed} 笔认出已入账`,
	parked: '笔等待其他收银机调拨糕点',
	redeemed: (done, refused) => `跨店兑换积分 ${done} 次，拒绝 ${refused} 次`,
	unstocked: '件糕点售出时货架已无（见下）',
	wasted: '件糕点打烊时报废',
	delivered: (store, headquarters) =>
		`线路正常时，100 笔中有 99 笔从落盘到同店其他收银机可见不超过 ${store}，到总部可见不超过 ${headquarters}`,
	bytes: '每台收银机占用',
	checks: {
		replicasEqual: '所有副本一致',
		ticketsOnce: '每笔小票恰好入账一次',
		totals: '金额逐店逐日相符',
		closed: '各店日结与销售相符，之后没有迟到的单',
		expected: '金额与 expected.json 相符',
		oversold: '没有糕点超卖',
		unstocked: '货架上有的糕点没有被算作缺货',
		overspent: '没有积分超支',
		conserved: '稀缺资源守恒',
		healthy: '没有收银机受限或被克隆，没有待处理的异常',
	},
	noExpected: '（未提供）',
	good: '正常',
	bad: '错误',
	verdict: (ok, seconds) => (ok ? `一切正常，用时 ${seconds} 秒。` : `有错误，用时 ${seconds} 秒。`),
	footer: [
		'库存表中有该门店、该商品、该日记录的糕点才计数，当日期初数就是全部可售数量。个别小票的销量超过了期初数：',
		'这些销售确实发生过，所以照常入账；全部收银机都连通之后仍然没有的数量计入上面的缺货数，绝不从货架上扣减。',
	],
};

export const wordsOf = (language: Language): Words => (language === 'zh' ? chinese : english);
