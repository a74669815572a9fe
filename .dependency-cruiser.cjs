/**
 * The floors of docs/ARCHITECTURE.md. Imports go down only; type imports count as imports.
 */

/** From the ground. Folders on one floor do not know each other. */
const floors = [
	['base'],
	['ports'],
	['trust'],
	['journal'],
	['escrow'],
	['ledger'],
	['sync', 'retail'],
	['replica'],
	['relay'],
	['inspect'],
	['open-till\\.ts'],
	['till\\.ts'],
	['index\\.ts', 'windows\\.ts', 'trust\\.ts'],
];

/** What an adapter may use besides `src/ports` and `src/base`: its own driver, and Node where it is made for Node. */
const drivers = {
	// What it closes is handed to the shop's port for personal data.
	'at-rest': { packages: [], node: false, house: ['^src/retail/members/personal-store\\.ts$'] },
	// The command `tillmesh`: starts relays, and looks into what tills and relays keep.
	cli: {
		packages: ['uqr'],
		node: true,
		house: ['^src/inspect/', '^src/(relay|replica|journal)/', '^src/trust\\.ts$', '^package\\.json$'],
	},
	// A device's side of enrolment, published beside the desk's.
	enrolment: { packages: ['@noble/hashes'], node: false, house: ['^src/trust\\.ts$'] },
	'link-broadcast-channel': { packages: [], node: false },
	'link-lan': { packages: ['bonjour-service'], node: true },
	'link-memory': { packages: [], node: false },
	'link-webrtc': { packages: ['node-datachannel'], node: false },
	'link-message-port': { packages: [], node: false },
	'link-websocket': { packages: ['ws', '@types/ws'], node: true },
	'platform-node': { packages: [], node: true },
	'platform-web': { packages: ['@noble/ciphers', '@noble/curves', '@noble/hashes'], node: false },
	relay: {
		packages: ['lib0', 'pino', 'prom-client', 'ws', 'yjs'],
		node: true,
		// It runs the relay's core, and the store's home replica beside it.
		house: ['^src/relay/', '^src/index\\.ts$'],
	},
	'storage-encrypted': { packages: [], node: false },
	'storage-idb': { packages: ['idb-keyval'], node: false },
	'storage-memory': { packages: [], node: false },
	'storage-sqlite': { packages: ['@photostructure/sqlite'], node: true },
	webhook: { packages: [], node: true },
	// A window's end of a port, around what the core knows of windows.
	windows: { packages: [], node: false, house: ['^src/windows\\.ts$', '^src/index\\.ts$'] },
	'y-websocket': { packages: ['lib0', 'y-websocket', 'yjs'], node: false },
};

/** Adapters that build on another one, or publish it beside themselves: an entry point brings the platform it runs on. */
const carries = {
	cli: ['platform-node', 'relay', 'storage-encrypted', 'storage-sqlite'],
	'link-broadcast-channel': ['link-message-port'],
	'link-lan': ['link-websocket'],
	'link-message-port': ['platform-web'],
	'link-websocket': ['platform-web'],
	'platform-node': ['platform-web'],
	relay: ['link-memory', 'link-websocket', 'platform-node', 'storage-encrypted', 'storage-sqlite'],
	'storage-idb': ['platform-web'],
	'storage-memory': ['link-memory', 'platform-web'],
	'storage-sqlite': ['platform-node'],
	'y-websocket': ['link-message-port', 'link-websocket'],
	windows: ['link-message-port', 'platform-web'],
};

const inPackages = (names) => `(^|/)node_modules/(${names.join('|')})/`;
const fromFloor = (floor) => `^src/(${floor.join('|')})(/|$)`;

const floorRules = floors.flatMap((floor, level) => {
	const above = floors.slice(level + 1).flat();
	const rules = [];
	if (above.length > 0) {
		rules.push({
			name: `floor-${floor.join('-')}`,
			comment: 'Imports go down only.',
			severity: 'error',
			from: { path: fromFloor(floor) },
			to: { path: fromFloor(above) },
		});
	}
	for (const name of floor.length > 1 ? floor : []) {
		rules.push({
			name: `apart-${name}`,
			comment: 'Folders on one floor do not know each other.',
			severity: 'error',
			from: { path: fromFloor([name]) },
			to: { path: fromFloor(floor.filter((other) => other !== name)) },
		});
	}
	return rules;
});

const adapterRules = Object.entries(drivers).flatMap(([name, driver]) => {
	const from = { path: `^adapters/${name}/` };
	const own = [name, ...(carries[name] ?? [])];
	const rules = [
		{
			name: `${name}-house`,
			comment: 'An adapter sees ports, base and itself.',
			severity: 'error',
			from,
			to: {
				path: '^(src|adapters|test|bench|examples|scripts)/',
				pathNot: ['^src/(ports|base)/', `^adapters/(${own.join('|')})/`, ...(driver.house ?? [])],
			},
		},
		{
			name: `${name}-driver`,
			comment: 'An adapter brings in its own driver and no other package.',
			severity: 'error',
			from,
			to: {
				path: '(^|/)node_modules/',
				...(driver.packages.length > 0 && { pathNot: inPackages(driver.packages) }),
			},
		},
	];
	if (!driver.node) {
		rules.push({
			name: `${name}-no-node`,
			comment: 'This adapter runs in browsers.',
			severity: 'error',
			from,
			to: { dependencyTypes: ['core'] },
		});
	}
	return rules;
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
	forbidden: [
		...floorRules,
		...adapterRules,
		{
			name: 'retail-ground',
			comment: 'The shop that capabilities stand on knows none of them.',
			severity: 'error',
			from: { path: '^src/retail/(shop|documents|sales)/' },
			to: { path: '^src/retail/', pathNot: '^src/retail/(shop|documents|sales)/' },
		},
		{
			name: 'retail-apart',
			comment: 'Capabilities do not know each other: checkout.ts and retail.ts compose them.',
			severity: 'error',
			from: { path: '^src/retail/([^/]+)/' },
			to: { path: '^src/retail/', pathNot: '^src/retail/($1|shop|documents|sales)/' },
		},
		{
			name: 'adapter-unknown',
			comment: 'A new adapter says in this file what it may use.',
			severity: 'error',
			from: { path: '^adapters/', pathNot: `^adapters/(${Object.keys(drivers).join('|')})/` },
			to: {},
		},
		{
			name: 'src-alone',
			comment: 'src knows nothing outside itself: adapters are handed in.',
			severity: 'error',
			from: { path: '^src/' },
			to: { path: '^(?!src/|node_modules/)', dependencyTypesNot: ['core'] },
		},
		{
			name: 'src-no-node',
			comment: 'src runs wherever JavaScript does: clock, random, timers, storage and links are handed in.',
			severity: 'error',
			from: { path: '^src/' },
			to: { dependencyTypes: ['core'] },
		},
		{
			name: 'src-packages',
			comment: 'Cryptography and drivers come through ports.',
			severity: 'error',
			from: { path: '^src/' },
			to: { path: '(^|/)node_modules/', pathNot: inPackages(['lib0', 'valibot', 'yjs']) },
		},
		{
			name: 'one-door-to-yjs',
			comment:
				'Of ledgers, only src/journal/segment.ts imports yjs. Documents of other people, and the pipe through other ' +
				"people's servers, are Yjs documents and no ledgers.",
			severity: 'error',
			from: {
				path: '^(src|adapters)/',
				pathNot: ['^src/journal/segment\\.ts$', '^adapters/relay/free/', '^adapters/y-websocket/'],
			},
			to: { path: inPackages(['yjs']) },
		},
		{
			name: 'published-suites-bring-no-runner',
			comment: 'tillmesh/testing works with the runner of whoever writes an adapter.',
			severity: 'error',
			from: { path: '^test/contract/index\\.ts$' },
			to: { path: inPackages(['vitest', '@fast-check', 'fast-check', 'yjs']), reachable: true },
		},
		{
			name: 'published-simulator-brings-no-runner',
			comment:
				'The simulator runs whole replicas, and so yjs; still under any test runner, and not as a part of the library.',
			severity: 'error',
			from: { path: '^(test/testing\\.ts$|test/sim/public/)' },
			to: { path: inPackages(['vitest', '@fast-check', 'fast-check']), reachable: true },
		},
		{
			name: 'examples-use-public-names',
			comment: 'An example is what a vendor could write: it imports tillmesh by its public names.',
			severity: 'error',
			from: { path: '^examples/' },
			to: { path: '^(src|adapters|test)/', dependencyTypesNot: ['aliased-tsconfig-paths'] },
		},
		{ name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
		{ name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
	],
	options: {
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		doNotFollow: { path: 'node_modules' },
		exclude: { path: '^(dist|coverage|bench/\\.data)/' },
		enhancedResolveOptions: { conditionNames: ['import', 'types', 'default'], exportsFields: ['exports'] },
	},
};
