import { createAmountObserver } from './amounts.js';
import { createArchiveObserver } from './archives.js';
import { createCauseObserver } from './causes.js';
import { createCloneObserver } from './clones.js';
import { createConvergenceObserver } from './convergence.js';
import { createDroppedObserver } from './dropped.js';
import { createDurableObserver } from './durable.js';
import { createEscrowObserver } from './escrow.js';
import { createExpiryObserver } from './expiry.js';
import { createFenceObserver } from './fences.js';
import { createFlowObserver } from './flow.js';
import { createFoldObserver } from './fold.js';
import { createGrantObserver } from './grants.js';
import { createHoldObserver } from './holds.js';
import { createHostileObserver } from './hostile.js';
import { createIdentityObserver } from './identity.js';
import { createLateObserver } from './late.js';
import { createLivenessObserver } from './liveness.js';
import { createMintObserver } from './mints.js';
import { createNewerObserver } from './newer.js';
import type { MakeObserver } from './observer.js';
import { createPromiseObserver } from './promises.js';
import { createRepeatObserver } from './repeats.js';
import { createSoftObserver } from './soft.js';
import { createStrandedObserver } from './stranded.js';
import { createTornObserver } from './torn.js';
import { createUnitObserver } from './units.js';
import { createViewObserver } from './view.js';
import { createWholeObserver } from './whole.js';
import { createWriterObserver } from './writer.js';

/** Everything that watches a world. */
export const observers: readonly MakeObserver[] = [
	createEscrowObserver,
	createAmountObserver,
	createExpiryObserver,
	createGrantObserver,
	createHoldObserver,
	createHostileObserver,
	createMintObserver,
	createUnitObserver,
	createStrandedObserver,
	createSoftObserver,
	createLivenessObserver,
	createLateObserver,
	createFlowObserver,
	createFenceObserver,
	createCloneObserver,
	createConvergenceObserver,
	createDroppedObserver,
	createDurableObserver,
	createFoldObserver,
	createIdentityObserver,
	createNewerObserver,
	createPromiseObserver,
	createTornObserver,
	createViewObserver,
	createWholeObserver,
	createWriterObserver,
	createCauseObserver,
	createArchiveObserver,
	createRepeatObserver,
];
