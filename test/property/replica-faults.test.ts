import fc from 'fast-check';
import { afterAll, test } from 'vitest';
import { checkProperty, steps } from './model/runs.js';
import { happened, World } from './model/world.js';

const title =
	'P1 P2 P5 P8 P19 P24 P25 P26 P27 JRN4 JRN10 JRN7 ESC6 whole replicas, clones, backups, torn disks, fences: all see what the plain model sees';
test(title, async () => {
	const property = fc.asyncProperty(fc.nat(), steps(60), (seed, story) => World.play(seed, story, false));
	await checkProperty(title, property, 0.25);
});

afterAll(() => {
	if (process.env.PROPERTY_EVENTS) console.log(Object.fromEntries([...happened].sort()));
});
