import fc from 'fast-check';
import { afterAll, test } from 'vitest';
import { checkProperty, steps } from './model/runs.js';
import { happened, World } from './model/world.js';

const title =
	'P1 P2 P5 P25 P26 JRN4 JRN10 JRN11 SYN5 whole replicas, lines that fail, processes killed: all see what the plain model sees';
test(title, async () => {
	const property = fc.asyncProperty(fc.nat(), steps(60), (seed, story) => World.play(seed, story, true));
	await checkProperty(title, property, 0.25);
});

afterAll(() => {
	if (process.env.PROPERTY_EVENTS) console.log(Object.fromEntries([...happened].sort()));
});
