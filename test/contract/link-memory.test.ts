import { describe, test } from 'vitest';
import { memoryLink } from '../../adapters/link-memory/index.js';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { seeded } from './check.js';
import { linkContract } from './index.js';

describe('link-memory in microtasks', () => {
	linkContract(() => memoryLink(), test);
});

describe('link-memory on timers, slow and out of order', () => {
	const random = seeded(7);
	linkContract(() => memoryLink({ timers: nodePlatform().timers, random, delayTurns: 2, reorder: 0.2 }), test);
});
