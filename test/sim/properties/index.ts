import { createAmountObserver } from './amounts.js';
import { createCloneObserver } from './clones.js';
import { createEscrowObserver } from './escrow.js';
import { createExpiryObserver } from './expiry.js';
import { createFenceObserver } from './fences.js';
import { createFlowObserver } from './flow.js';
import { createGrantObserver } from './grants.js';
import { createHoldObserver } from './holds.js';
import { createLateObserver } from './late.js';
import { createLivenessObserver } from './liveness.js';
import { createMintObserver } from './mints.js';
import type { MakeObserver } from './observer.js';
import { createSoftObserver } from './soft.js';
import { createStrandedObserver } from './stranded.js';
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
	createCloneObserver,
	createFenceObserver,
	createFlowObserver,
	createLateObserver,
	createLivenessObserver,
	createSoftObserver,
	createStrandedObserver,
];
