import { expect, test } from 'vitest';
import { deskTexts } from '../../../adapters/cli/texts-by-language.js';
import { copyOfTill } from '../../../src/inspect/copy.js';
import { diagnose, type Finding, troubles } from '../../../src/inspect/diagnosis.js';
import { World } from '../../property/escrow-world.js';

const ledger = 'stock/a';

test('a till whose copy wrote too, and a clock that ran ahead, are found', async () => {
	const w = new World();
	const disk = w.memory();
	const other = await w.open('other', w.memory()); // no home, which would mend it
	const till = await w.open('till', disk);
	const mint = (at: typeof till, document: string) =>
		at.commit((tx) => tx.mint(at.ledger(ledger).pool('cup'), 'S', 5, document));
	await mint(till, 'D1');
	const twin = await w.open('till', disk.copy());
	await mint(till, 'D2');
	await mint(twin, 'D3');
	for (const replica of [till, twin]) {
		const line = w.line();
		replica.addLink(line.a);
		other.addLink(line.b);
	}
	await w.pass(2_000);
	const copy = await copyOfTill(await disk.copy().open('doctor'), disk.platform.crypto);
	const now = diagnose(copy, disk.platform.clock.nowMs());
	expect(now.findings.map(({ code }) => code)).toContain('cloned');
	expect(now.findings.filter(({ code }) => code === 'cloned')).toMatchObject([{ severity: 'error', name: 'till' }]);
	expect(now.ledgers).toMatchObject([{ ledger, waiting: 0 }]);
	const { findings } = diagnose(copy, disk.platform.clock.nowMs() - 600_000);
	expect(findings.find(({ code }) => code === 'clock_ahead')).toMatchObject({ severity: 'warning', name: 'till' });
	expect(findings[0]?.severity).toBe('error');
});

test('every trouble is told in both languages, with what to do next', () => {
	const finding = { ledger, device: 'd', name: 'till', pool: 'cup/S', amount: 3, subjects: ['cup/S'] } as const;
	for (const { doctor } of Object.values(deskTexts))
		for (const code of Object.keys(troubles) as Finding['code'][])
			for (const more of [finding, {}]) {
				const { what, next } = doctor.troubles[code]({ code, severity: troubles[code], ...more });
				expect(what.length, code).toBeGreaterThan(10);
				expect(next.length, code).toBeGreaterThan(3);
				if (more === finding && !['cloned', 'fenced'].includes(code)) expect(what).toMatch(/till|cup\/S|3/);
			}
});
