import type { Till } from 'tillmesh';
import type { Words } from './words.js';

/** More moves of others than this at once are told as a number. */
const toldMax = 5;

export interface Telling {
	readonly words: Words;
	readonly say: (text: string) => void;
	/** What is left of a product. */
	readonly level: (sku: string) => void;
	readonly signal: AbortSignal;
}

interface News {
	readonly id: string;
	readonly text: string;
	readonly sku: string;
}

/** Tells what other tills sell and take in, from now on, each once. */
export function followOthers(till: Till, { words, say, level, signal }: Telling): void {
	const { replica, orders, stock } = till;
	const told = new Set<string>();
	const tell = (news: readonly News[]) => {
		const fresh = news.filter(({ id }) => !told.has(id));
		for (const { id } of fresh) told.add(id);
		if (fresh.length > toldMax) say(words.others(fresh.length));
		else for (const { text } of fresh) say(text);
		for (const sku of new Set(fresh.map((one) => one.sku))) level(sku);
	};
	const salesOf = (order: string): News[] =>
		(orders.get(order).get()?.settlements ?? []).flatMap(({ value, device }) =>
			device === replica.device
				? []
				: value.lines.map(({ id, sku, qty }) => ({ id, sku, text: words.otherSold(value.by ?? device, qty, sku) })),
		);
	const receiptsOf = (sku: string): News[] => {
		const holders = stock.holders({ sku }).get();
		const nameOf = (device: string) => holders.find((holder) => holder.device === device)?.name ?? device;
		const moves = stock.movements({ sku }).get();
		return moves.flatMap(({ verb, id, device, qty }) =>
			verb !== 'stock.receive' || device === replica.device
				? []
				: { id: `${device} ${id} ${sku}`, sku, text: words.otherReceived(nameOf(device), qty, sku) },
		);
	};
	for (const sku of till.catalog.skus()) for (const { id } of receiptsOf(sku)) told.add(id);
	const follow = (ledgers: string, name: string, newsOf: (key: string) => News[]) => {
		const end = replica.watch({ ledgers, of: 'log', name }, (_, keys) => keys && tell([...keys].flatMap(newsOf)));
		signal.addEventListener('abort', end);
	};
	follow('orders', 'order', salesOf);
	follow('stock', 'move', receiptsOf);
}
