import { createAmountObserver } from './amounts.js';
import { createEscrowObserver } from './escrow.js';
import { createExpiryObserver } from './expiry.js';
import { createGrantObserver } from './grants.js';
import { createHoldObserver } from './holds.js';
import { createMintObserver } from './mints.js';
import type { MakeObserver } from './observer.js';
import { createUnitObserver } from './units.js';

/** Everything that watches a world. */
export const observers: readonly MakeObserver[] = [
	createEscrowObserver,
	createAmountObserver,
	createExpiryObserver,
	createGrantObserver,
	createHoldObserver,
	createMintObserver,
	createUnitObserver,
];
