/** Counters of stores that sync: the same work, as far as they go. */
import { addRxPlugin, createRxDatabase, type RxDocument } from 'rxdb';
import { getCRDTSchemaPart, RxDBcrdtPlugin } from 'rxdb/plugins/crdt';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { createMergeableStore } from 'tinybase/mergeable-store';
import { checkSold, type Seller } from './spend-peers.js';

/** It has no counter: as in a Y.Map, a cell for each SKU and device with what that device took, the last writer wins. */
export const sellTinyBase =
	(bytes: boolean): Seller =>
	(sales) => {
		const { skus, picks, stock, each } = sales;
		const store = createMergeableStore('till-1');
		for (const sku of skus) store.setRow('stock', sku, { received: stock, 'till-1': 0 });
		const kept: string[] = [];
		if (bytes)
			store.addDidFinishTransactionListener(() => kept.push(JSON.stringify(store.getTransactionMergeableChanges())));
		const sell = (pick: number) => {
			const sku = skus[pick] as string; // a pick is one of them
			const taken = Number(store.getCell('stock', sku, 'till-1'));
			if (Number(store.getCell('stock', sku, 'received')) - taken >= 1)
				store.setCell('stock', sku, 'till-1', taken + 1);
		};
		const start = performance.now();
		for (let at = 0; at < picks.length; at += each)
			store.transaction(() => {
				for (let i = at; i < at + each; i++) sell(picks[i] ?? 0);
			});
		const us = ((performance.now() - start) * 1000) / picks.length;
		const left = (sku: string) =>
			Number(store.getCell('stock', sku, 'received')) - Number(store.getCell('stock', sku, 'till-1'));
		checkSold(
			skus.reduce((sum, sku) => sum + left(sku), 0),
			sales,
		);
		if (bytes && kept.length < picks.length / each) throw new Error('TinyBase gave no changes');
		return us;
	};

interface Stocked {
	readonly sku: string;
	readonly qty: number;
}

let databases = 0;

/** Its CRDT plugin: `$inc` where the quantity suffices. A document keeps all its operations; there is no commit over several. */
export const sellRxDb: Seller = async (sales) => {
	const { skus, picks, stock } = sales;
	addRxPlugin(RxDBcrdtPlugin);
	const database = await createRxDatabase({
		name: `bench-${++databases}`,
		storage: getRxStorageMemory(),
		multiInstance: false,
	});
	const schema = {
		version: 0,
		primaryKey: 'sku',
		type: 'object',
		properties: {
			sku: { type: 'string', maxLength: 20 },
			qty: { type: 'number' },
			crdts: getCRDTSchemaPart<Stocked>(),
		},
		required: ['sku', 'qty'],
		crdt: { field: 'crdts' },
	} as const;
	const { stock: collection } = await database.addCollections({ stock: { schema } });
	const documents: RxDocument<Stocked>[] = [];
	for (const sku of skus) documents.push(await collection.insertCRDT({ ifMatch: { $set: { sku, qty: stock } } }));
	const start = performance.now();
	for (const pick of picks)
		await documents[pick]?.updateCRDT({ selector: { qty: { $gte: 1 } }, ifMatch: { $inc: { qty: -1 } } });
	const us = ((performance.now() - start) * 1000) / picks.length;
	const left = documents.reduce((sum, document) => sum + document.getLatest().qty, 0);
	checkSold(left, sales);
	await database.close();
	return us;
};
