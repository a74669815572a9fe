import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Consumer, createConsumer } from './consumer.js';

const minuteMs = 60_000;

describe('the packed tarball, installed with yjs in an empty folder', () => {
	let consumer: Consumer;

	beforeAll(async () => {
		consumer = await createConsumer();
	}, 3 * minuteMs);

	afterAll(() => consumer?.remove());

	test('every sub-path is imported by a bare Node that has no DOM and no driver', async () => {
		const names = consumer.subpaths.filter((name) => name !== 'tillmesh/package.json');
		const source = `
			const exported = {};
			for (const name of ${JSON.stringify(names)}) exported[name] = Object.keys(await import(name));
			console.log(JSON.stringify(exported));
		`;
		const exported: Record<string, string[]> = JSON.parse(await consumer.runModule(source));
		expect(Object.keys(exported)).toEqual(names);
		const empty = names.filter((name) => exported[name]?.length === 0);
		expect(empty, 'only the ports are types alone').toEqual(['tillmesh/ports']);
	});

	test('its package.json is readable by name', async () => {
		const source = `
			import manifest from 'tillmesh/package.json' with { type: 'json' };
			console.log(manifest.name);
		`;
		expect((await consumer.runModule(source)).trim()).toBe('tillmesh');
	});

	test('nothing but the promised sub-paths can be imported', async () => {
		const source = "await import('tillmesh/dist/index.js');";
		await expect(consumer.runModule(source)).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
	});

	test('it brings the build, its types and its papers, and no sources', () => {
		expect(consumer.packed).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
		expect(consumer.packed.filter((path) => /^(src|adapters|test|bench|examples|scripts)\//.test(path))).toEqual([]);
	});

	test('one copy of yjs stands in the tree, the one that the consumer chose', async () => {
		const nested = await readdir(join(consumer.folder, 'node_modules/tillmesh'));
		expect(nested).not.toContain('node_modules');
	});

	test('its declarations hold in a strict project that skips no library check and has no Node types', async () => {
		const source = consumer.subpaths
			.filter((name) => !name.endsWith('.json'))
			.map((name, index) => `export * as m${index} from '${name}';`)
			.join('\n');
		expect(await consumer.complaints(source)).toBe('');
	});

	test('a vendor plays an app with what the tarball brings', async () => {
		const source = `
			import { TillmeshError } from 'tillmesh';
			import { simulate, testChain } from 'tillmesh/testing';
			const world = await testChain({ tillsPerStore: 2 });
			const points = (t) => world.till(t).ledger('members/7').pool('points');
			await world.till(0).commit((tx) => tx.mint(points(0), 'm', 5, 'opening'));
			await world.crash(0, { at: 'after-ack' });
			await world.settle();
			const failure = await testChain({ stores: 0 }).catch((error) => error);
			const { failed } = await simulate({
				seeds: 20,
				start: (till) => till.ledger('desk/sh-1').counter('seats'),
				actions: { sit: (seats) => (seats.value.get() < 1 ? 'sits' : 'stands') },
				always: [() => { throw new Error('planted'); }],
			});
			console.log(JSON.stringify([points(1).total('m').get().minted, failure instanceof TillmeshError, failed.where]));
		`;
		expect(JSON.parse(await consumer.runModule(source))).toEqual([5, true, 'always 0']);
	});

	test('the simulator is no part of the library, and its suites run in a page', async () => {
		const bundle = async (contents: string) => {
			const { outputFiles } = await build({
				stdin: { contents, resolveDir: consumer.folder },
				platform: 'browser',
				format: 'esm',
				bundle: true,
				write: false,
				logLevel: 'silent',
			});
			return outputFiles[0]?.text ?? '';
		};
		expect(await bundle("export * from 'tillmesh';")).not.toContain('simulated disk');
		const testing = await bundle("export * from 'tillmesh/testing';");
		expect(testing).toContain('simulated disk');
		expect(testing).not.toMatch(/(from|import|require)\s*\(?\s*["']node:/);
	});

	test('a bundle for browsers holds nothing of Node', async () => {
		const bundle = await build({
			stdin: {
				contents:
					"export * from 'tillmesh'; export * as idb from 'tillmesh/idb'; export * as memory from 'tillmesh/memory';" +
					"export * as websocket from 'tillmesh/websocket'; export * as tabs from 'tillmesh/tabs'; export * as port from 'tillmesh/port';",
				resolveDir: consumer.folder,
			},
			platform: 'browser',
			format: 'esm',
			bundle: true,
			write: false,
			logLevel: 'silent',
		});
		expect(bundle.errors).toEqual([]);
		expect(bundle.outputFiles[0]?.text).not.toMatch(/(from|import|require)\s*\(?\s*["']node:/);
	});
});
