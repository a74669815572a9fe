import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('an awaited ensure keeps a Node process alive until its timeout', () => {
	const repo = process.cwd();
	const file = join(mkdtempSync(join(repo, 'node_modules/.alive-')), 'wait.mts');
	writeFileSync(
		file,
		`import { openReplica } from ${JSON.stringify(`${repo}/src/index.ts`)};
		import { memory } from ${JSON.stringify(`${repo}/adapters/storage-memory/index.ts`)};
		async function main() {
			const till = await openReplica({ chain: 'c', name: 't', keeps: ['stock/1'], storage: memory() });
			console.log(await till.ledger('stock/1').pool('p').ensure('k', 1, { timeoutMs: 300 }));
			await till.shutdown();
		}
		main();`,
	);
	expect(execFileSync(join(repo, 'node_modules/.bin/tsx'), [file], { encoding: 'utf8' })).toBe('0\n');
}, 30_000);
