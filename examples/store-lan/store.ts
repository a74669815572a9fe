import { join } from 'node:path';
import type { Replica } from 'tillmesh';

export const chain = 'store-lan';
export const port = 7443;

/** One ledger for the whole store: a sale is one entry in it, whatever it takes from the shelf. */
export const ledgerName = 'store/main';

/** What a till does, as it is logged. */
export type Move = {
	readonly kind: 'received' | 'sold';
	readonly sku: string;
	readonly quantity: number;
	readonly till: string;
};

export const shelfOf = (replica: Replica) => replica.ledger(ledgerName).pool('shelf');
export const movesOf = (replica: Replica) => replica.ledger(ledgerName).log<Move>('moves');

/** Where a program of this example keeps what it must not lose. */
export const folderOf = (name: string) => join('.store-lan', name);
