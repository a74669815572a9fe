export type Command =
	| { readonly verb: 'receive'; readonly quantity: number; readonly sku: string; readonly document: string | undefined }
	| { readonly verb: 'sell'; readonly quantity: number; readonly sku: string }
	| { readonly verb: Plain }
	/** A number is missing or is none. */
	| { readonly verb: 'how-many' }
	| { readonly verb: 'unknown'; readonly word: string };

type Plain = 'show' | 'day' | 'z' | 'cut' | 'plug' | 'quit' | 'help';

const verbs: ReadonlyMap<string, 'receive' | 'sell' | Plain> = new Map([
	...(['receive', 'r', '收', '收货'] as const).map((word) => [word, 'receive'] as const),
	...(['sell', 's', '卖', '销售'] as const).map((word) => [word, 'sell'] as const),
	...(['show', 'v', '', '看', '查看'] as const).map((word) => [word, 'show'] as const),
	...(['day', 'x', '日', '日报'] as const).map((word) => [word, 'day'] as const),
	...(['z', '结', '日结'] as const).map((word) => [word, 'z'] as const),
	...(['cut', 'c', '拔', '拔线'] as const).map((word) => [word, 'cut'] as const),
	...(['plug', 'p', '插', '插线'] as const).map((word) => [word, 'plug'] as const),
	...(['quit', 'q', '退', '退出'] as const).map((word) => [word, 'quit'] as const),
	...(['help', 'h', '?', '？', '助', '帮助'] as const).map((word) => [word, 'help'] as const),
]);

/** Reads a line as a person types it: the number and the product in either order, the product left out where it is clear. */
export function readCommand(line: string, lastSku: string): Command {
	const [word = '', ...rest] = line.trim().split(/\s+/);
	const verb = verbs.get(word.toLowerCase());
	if (verb === undefined) return { verb: 'unknown', word };
	if (verb !== 'receive' && verb !== 'sell') return { verb };
	const number = rest.find((part) => /^\d+$/.test(part));
	const [sku = lastSku, document] = rest.filter((part) => part !== number);
	const quantity = Number(number);
	if (!Number.isSafeInteger(quantity) || quantity < 1) return { verb: 'how-many' };
	return verb === 'sell' ? { verb, quantity, sku } : { verb, quantity, sku, document };
}
