import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import { extractBlocks, pathOf } from './blocks.js';
import { guide, readmes } from './pages.js';

const { blocks, dispose } = extractBlocks([...readmes, ...guide]);

afterAll(dispose);

test('the examples are well typed', () => {
	const path = pathOf('tsconfig.json');
	const { config } = ts.readConfigFile(path, ts.sys.readFile);
	const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, pathOf('.'));
	const program = ts.createProgram(
		blocks.map((block) => block.path),
		{ ...options, noUnusedLocals: true },
	);
	const said = ts
		.getPreEmitDiagnostics(program)
		.map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
	expect(said).toEqual([]);
});
