import type { DeviceId, Head, HoldId, LedgerName, PoolId, Position } from '../base/ids.js';

/** One entry of another ledger's journal that belongs to the same commit (JRN4). */
export interface Part {
	readonly ledger: LedgerName;
	readonly epoch: number;
	readonly index: number;
}

/**
 * The operations inside an entry. Pure data: their bytes are in `leg-codec.ts`, what they mean is folded in `escrow/` and
 * `ledger/`. Amounts are whole units, `value` is JSON as UTF-8.
 */
export type Leg =
	| {
			readonly kind: 'open';
			readonly prev: Head | null;
			readonly key: Uint8Array;
			readonly name: string;
			readonly home: boolean;
			/** What proves by which right this is written; absent where the chain has no root key. */
			readonly credential?: Uint8Array | undefined;
	  }
	| { readonly kind: 'torn'; readonly part: Part }
	| { readonly kind: 'fence'; readonly device: DeviceId; readonly heads: readonly Position[] }
	| { readonly kind: 'mint'; readonly pool: PoolId; readonly amount: number; readonly document: string }
	| { readonly kind: 'spend'; readonly pool: PoolId; readonly amount: number }
	| {
			readonly kind: 'grant';
			readonly pool: PoolId;
			readonly amount: number;
			readonly to: DeviceId;
			readonly request: string;
	  }
	| {
			readonly kind: 'hold';
			readonly pool: PoolId;
			readonly amount: number;
			readonly hold: HoldId;
			readonly leaseMs: number;
	  }
	| {
			readonly kind: 'capture';
			readonly pool: PoolId;
			readonly hold: HoldId;
			readonly held: number;
			readonly amount: number;
	  }
	| { readonly kind: 'release'; readonly pool: PoolId; readonly hold: HoldId; readonly held: number }
	| { readonly kind: 'expire'; readonly pool: PoolId; readonly hold: HoldId; readonly held: number }
	| {
			readonly kind: 'overdraw';
			readonly pool: PoolId;
			readonly amount: number;
			readonly operator: string;
			readonly reason: string;
	  }
	| {
			readonly kind: 'reclaim';
			readonly pool: PoolId;
			readonly from: DeviceId;
			readonly share: number;
			readonly held: number;
	  }
	| { readonly kind: 'append'; readonly log: string; readonly value: Uint8Array }
	| { readonly kind: 'set'; readonly cell: string; readonly priority: number; readonly value: Uint8Array }
	| { readonly kind: 'add'; readonly counter: string; readonly amount: number }
	| { readonly kind: 'unknown'; readonly code: number; readonly stops: readonly PoolId[]; readonly body: Uint8Array };

export type LegOf<K extends Leg['kind']> = Extract<Leg, { kind: K }>;
