import { createEscrowObserver } from './escrow.js';
import type { MakeObserver } from './observer.js';

/** Everything that watches a world. */
export const observers: readonly MakeObserver[] = [createEscrowObserver];
