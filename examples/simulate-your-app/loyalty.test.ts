import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testChain } from 'tillmesh/testing';
import { openFixedLoyalty } from './app-fixed.js';
import { stampsPerDrink } from './loyalty.js';
import { simulateLoyalty } from './simulation.js';

// As in your own project: one test for what you thought of, and one for what you did not.

test('the same stamps buy one drink, though two tills do not hear of each other', async () => {
	await using world = await testChain({ tillsPerStore: 2 });
	const cards = world.tills.map(openFixedLoyalty);
	await cards[0]?.buy('ann', stampsPerDrink, 'R-1');
	await world.settle();
	world.cut(0, 'relay');
	world.cut(0, 1);
	const free = await Promise.all(cards.map((card) => card.redeem('ann')));
	assert.equal(free.filter(Boolean).length, 1);
});

test('no drink is free that was not earned, whatever fails', async () => {
	const { failed } = await simulateLoyalty(openFixedLoyalty, 15);
	assert.equal(failed, undefined, failed?.report);
});
