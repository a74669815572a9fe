import type { Mutant } from '../mutant.js';
import { checkpoints } from './checkpoints.js';
import { disks } from './disks.js';
import { escrow } from './escrow.js';
import { holds } from './holds.js';
import { identity } from './identity.js';
import { journal } from './journal.js';
import { sync } from './sync.js';

/** Every planted bug. */
export const mutants: readonly Mutant[] = [
	...escrow,
	...holds,
	...journal,
	...identity,
	...checkpoints,
	...sync,
	...disks,
];
