/**
 * Names of things. Plain strings pass where a vendor writes one; two different ids do not mix.
 */
export type Id<K extends string> = string & { readonly __id?: K };

export type DeviceId = Id<'device'>;
export type StoreId = Id<'store'>;
export type CommitId = Id<'commit'>;
export type HoldId = Id<'hold'>;
/** `kind/scope`, such as `stock/sh-014`: the unit of sync, permission and retention. */
export type LedgerName = Id<'ledger'>;
/** `<collection>/<key>` inside one ledger, such as `stock/CUP-L`. */
export type PoolId = Id<'pool'>;

/**
 * One opening of one device in one segment: 53 bits, derived from ledger, segment, device and a random nonce.
 * It is the Yjs client id of everything that the epoch writes (JRN6).
 */
export type EpochId = number;

/** The first `count` entries of an epoch. */
export interface Position {
	readonly epoch: EpochId;
	readonly count: number;
}

/** A position and the chain hash of its last entry (JRN8). */
export interface Head extends Position {
	readonly hash: Uint8Array;
}
