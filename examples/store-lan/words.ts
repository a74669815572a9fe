import type { Holder } from 'tillmesh';
import type { Language } from './arguments.js';

export interface Words {
	readonly relayRuns: (urls: readonly string[]) => string;
	readonly relayStops: string;
	readonly help: string;
	readonly welcome: (till: string, relay: string) => string;
	readonly unknown: (word: string) => string;
	readonly howMany: string;
	readonly received: (quantity: number, sku: string) => string;
	readonly receivedBefore: (document: string) => string;
	readonly sold: (quantity: number, sku: string, minor: number, receiptNo: string) => string;
	readonly refused: (quantity: number, sku: string, mine: number) => string;
	readonly nobody: string;
	readonly holder: (holder: Holder) => string;
	readonly otherReceived: (till: string, quantity: number, sku: string) => string;
	readonly otherSold: (till: string, quantity: number, sku: string) => string;
	readonly others: (moves: number) => string;
	/** A day so far, or as its Z froze it; then the lines under it. */
	readonly day: (date: string) => string;
	readonly z: (no: number, date: string) => string;
	readonly figures: (of: Figures) => string;
	readonly late: (sales: number) => string;
	readonly level: (sku: string, mine: number, store: number) => string;
	readonly elsewhere: (holders: readonly Holder[]) => string;
	readonly empty: string;
	readonly linked: (peers: readonly string[]) => string;
	readonly alone: string;
	readonly cut: string;
	readonly plugged: string;
	readonly allSent: string;
	readonly waiting: (sales: number, oldest: string) => string;
	readonly waitingOther: (entries: number) => string;
	readonly safe: string;
	readonly unsafe: string;
	readonly left: (entries: number) => string;
	readonly goodbye: (sharesKept: number) => string;
}

/** What a day comes to, in minor units. */
export interface Figures {
	readonly sales: number;
	readonly gross: number;
	readonly discounts: number;
	readonly refunds: number;
	readonly net: number;
	readonly cash: number;
}

const money = (minor: number) => (minor / 100).toFixed(2);

/** Of today the time is enough; a till may have been away for longer. */
export function clock(time: string | number): string {
	const at = new Date(time);
	const two = (n: number) => String(n).padStart(2, '0');
	const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} `;
	const isToday = at.toDateString() === new Date().toDateString();
	return `${isToday ? '' : day}${two(at.getHours())}:${two(at.getMinutes())}`;
}

const english: Words = {
	relayRuns: (urls) =>
		[
			'The relay of the store is running. Start the tills, each in a window of its own:',
			'',
			...urls.map((url, i) => `  npm run till -- --name till-${i + 1} --relay ${url}`),
			'',
			`Who is here, and what waits: ${urls[0]?.replace('ws', 'http')}/`,
			'Ctrl-C stops it. The tills sell on without it.',
		].join('\n'),
	relayStops: 'The relay stops. The tills sell on.',
	help: [
		'  receive 40 CUP-L   r   new goods on the shelf',
		'  sell 2 CUP-L       s   sell; without a name it is the product of before',
		'  day                x   what the store sold today, so far',
		'  z                      close the day, and print its Z',
		'  show               v   what is here, who is linked, what is not yet at the store',
		'  cut                c   pull the cable',
		'  plug               p   plug it in',
		'  quit               q   hand back what is left, and end',
	].join('\n'),
	welcome: (till, relay) => `This is ${till}. It looks for the relay at ${relay}, and sells with or without it.`,
	unknown: (word) => `"${word}"? These are the commands:`,
	howMany: 'How many? A whole number from 1, such as: sell 2 CUP-L',
	received: (quantity, sku) => `Received ${quantity} ${sku}.`,
	receivedBefore: (document) => `${document} was received before: nothing changed.`,
	sold: (quantity, sku, minor, receiptNo) => `Sold ${quantity} ${sku}: ${money(minor)}, receipt ${receiptNo}.`,
	refused: (quantity, sku, mine) => `NOT SOLD: ${quantity} ${sku}, and this till can sell ${mine}.`,
	nobody: 'As far as this till knows, nobody has any.',
	holder: ({ name, amount, online, lastSeen }) =>
		`${name} has ${amount}${online ? ', online' : lastSeen ? `, not reachable, last seen ${clock(lastSeen)}` : ', never seen'}`,
	otherReceived: (till, quantity, sku) => `${till} received ${quantity} ${sku}.`,
	otherSold: (till, quantity, sku) => `${till} sold ${quantity} ${sku}.`,
	others: (moves) => `${moves} sales and deliveries of other tills came in.`,
	day: (date) => `${date}, all tills, so far:`,
	z: (no, date) => `Z ${no} of ${date}, all tills. The day is closed:`,
	figures: ({ sales, gross, discounts, refunds, net, cash }) =>
		[
			`  sales      ${String(sales).padStart(10)}`,
			`  gross      ${money(gross).padStart(10)}`,
			`  discounts  ${money(-discounts).padStart(10)}`,
			`  refunds    ${money(-refunds).padStart(10)}`,
			`  net        ${money(net).padStart(10)}`,
			`  cash       ${money(cash).padStart(10)}`,
		].join('\n'),
	late: (sales) =>
		`${sales} ${sales === 1 ? 'sale' : 'sales'} came after the Z, and ${sales === 1 ? 'is' : 'are'} not in it.`,
	level: (sku, mine, store) => `${sku}: this till can sell ${mine}, the store has ${store}.`,
	elsewhere: (holders) => `  ${holders.map(english.holder).join('; ')}`,
	empty: 'The shelf is empty. To fill it: receive 40 CUP-L',
	linked: (peers) => `Linked: ${peers.join('; ')}.`,
	alone: 'Not linked to anybody. Selling goes on.',
	cut: 'The cable is out.',
	plugged: 'The cable is in.',
	allSent: 'Every sale is at the store.',
	waiting: (sales, oldest) => `${sales} ${sales === 1 ? 'sale' : 'sales'} not yet at the store, oldest ${oldest}.`,
	waitingOther: (entries) => `${entries} ${entries === 1 ? 'entry' : 'entries'} not yet at the store.`,
	safe: 'Safe to switch off.',
	unsafe: 'NOT safe to switch off: some of it is on this till only.',
	left: (entries) =>
		`${entries} ${entries === 1 ? 'entry is' : 'entries are'} on this till only. They go to the store when it runs again.`,
	goodbye: (sharesKept) =>
		sharesKept === 0 ? 'Closed.' : `Closed. ${sharesKept} units stay with this till until it comes back.`,
};

const chinese: Words = {
	relayRuns: (urls) =>
		[
			'门店中继已启动。每台收银机各开一个窗口：',
			'',
			...urls.map((url, i) => `  npm run till -- --name till-${i + 1} --relay ${url}`),
			'',
			`谁在线、还有什么没传到：${urls[0]?.replace('ws', 'http')}/`,
			'按 Ctrl-C 停止。没有中继，收银机照样销售。',
		].join('\n'),
	relayStops: '中继停止。收银机照样销售。',
	help: [
		'  收 40 CUP-L   r   新货上架',
		'  卖 2 CUP-L    s   销售；不写商品就是上一次的商品',
		'  日            x   今天全店到目前为止的销售',
		'  结            z   日结，打印 Z 报表',
		'  看            v   本机有多少、和谁相连、还有什么没传到门店',
		'  拔            c   拔掉网线',
		'  插            p   插上网线',
		'  退            q   交还剩余数量并退出',
	].join('\n'),
	welcome: (till, relay) => `这里是 ${till}。正在连接 ${relay} 的中继，连不上也照样销售。`,
	unknown: (word) => `不认识“${word}”。可用的命令：`,
	howMany: '多少？请输入 1 以上的整数，例如：卖 2 CUP-L',
	received: (quantity, sku) => `已收货 ${quantity} 件 ${sku}。`,
	receivedBefore: (document) => `${document} 之前已收过，没有变化。`,
	sold: (quantity, sku, minor, receiptNo) => `已售出 ${quantity} 件 ${sku}：${money(minor)}，小票 ${receiptNo}。`,
	refused: (quantity, sku, mine) => `未售出：要 ${quantity} 件 ${sku}，本机可售 ${mine} 件。`,
	nobody: '就本机所知，谁那里都没有了。',
	holder: ({ name, amount, online, lastSeen }) =>
		`${name} 有 ${amount} 件${online ? '，在线' : lastSeen ? `，联系不上，最后在线 ${clock(lastSeen)}` : '，从未见过'}`,
	otherReceived: (till, quantity, sku) => `${till} 收货 ${quantity} 件 ${sku}。`,
	otherSold: (till, quantity, sku) => `${till} 售出 ${quantity} 件 ${sku}。`,
	others: (moves) => `其他收银机的 ${moves} 笔销售和收货已传来。`,
	day: (date) => `${date} 全店，截至目前：`,
	z: (no, date) => `${date} 全店日结，Z ${no}。当日已结：`,
	figures: ({ sales, gross, discounts, refunds, net, cash }) =>
		[
			`  笔数      ${String(sales).padStart(10)}`,
			`  折前金额  ${money(gross).padStart(10)}`,
			`  折扣      ${money(-discounts).padStart(10)}`,
			`  退款      ${money(-refunds).padStart(10)}`,
			`  净额      ${money(net).padStart(10)}`,
			`  现金      ${money(cash).padStart(10)}`,
		].join('\n'),
	late: (sales) => `日结之后又传来 ${sales} 笔，不在其中。`,
	level: (sku, mine, store) => `${sku}：本机可售 ${mine} 件，全店 ${store} 件。`,
	elsewhere: (holders) => `  ${holders.map(chinese.holder).join('；')}`,
	empty: '货架是空的。上货：收 40 CUP-L',
	linked: (peers) => `已连接：${peers.join('；')}。`,
	alone: '没有和任何设备相连，照样销售。',
	cut: '网线已拔掉。',
	plugged: '网线已插上。',
	allSent: '所有销售都已传到门店。',
	waiting: (sales, oldest) => `${sales} 笔销售还没传到门店，最早的一笔 ${oldest}。`,
	waitingOther: (entries) => `${entries} 条记录还没传到门店。`,
	safe: '可以关机。',
	unsafe: '还不能关机：有些记录只在本机。',
	left: (entries) => `${entries} 条记录只在本机，下次启动时会传到门店。`,
	goodbye: (sharesKept) => (sharesKept === 0 ? '已关闭。' : `已关闭。${sharesKept} 件留在本机，等它回来。`),
};

export const wordsOf = (language: Language): Words => (language === 'zh' ? chinese : english);
