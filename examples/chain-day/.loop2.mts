import { mkdtempSync, rmSync } from 'node:fs';
import { closeChain, keepersOf, openChain } from './chain.ts';
import { judge } from './checks.ts';
import { playDay } from './day.ts';
import { generateInput } from './input-generated.ts';
import { redemptionsOf, ticketsOf } from './ledgers.ts';
import { observe } from './observed.ts';
import { createChance } from './random.ts';
import { pause } from './station.ts';
import { createVisits } from './visits.ts';

setInterval(() => {}, 1000);
const input = generateInput({ seed: 7, days: 1, tickets: 25 });
for (let i = 0; i < Number(process.argv[2]); i++) {
	const folder = mkdtempSync('/tmp/loop-');
	const chance = createChance(1).branch('chain');
	const chain = await openChain(folder, input.outlets, chance);
	const visits = createVisits(chain, chance.branch('visits'));
	await playDay(
		{
			chain,
			input,
			visits,
			chance: chance.branch('days'),
			incidents: { outages: 0, powerCuts: 0, restores: 0, resent: 0 },
			copies: new Map(),
			progress: () => {},
		},
		0,
	);
	const o = await observe(chain, input);
	const v = judge(input, o);
	console.log(i, v.ok);
	if (!v.ok) {
		console.log(JSON.stringify(v.checks.filter((c) => !c.ok)));
		for (const ledger of new Set(o.digests.map((d) => d.ledger))) {
			const ds = o.digests.filter((d) => d.ledger === ledger);
			if (new Set(ds.map((d) => d.digest)).size === 1) continue;
			const dump = () => {
				for (const s of keepersOf(chain, ledger)) {
					const [, outlet, day] = ledger.split('/');
					const r = s.replica;
					console.log(
						s.name,
						r.digest(ledger).slice(0, 8),
						day && ticketsOf(r, outlet, day).all().get().length,
						day &&
							ticketsOf(r, outlet, day)
								.all()
								.get()
								.map((x) => x.atMs + x.device.slice(-2))
								.join(',').length,
						day && redemptionsOf(r, outlet, day).all().get().length,
						JSON.stringify(r.status().ledgers.find((l) => l.ledger === ledger)),
						JSON.stringify(r.status().rejected.newest.map((x) => x.code)),
					);
				}
			};
			console.log(ledger);
			dump();
			await pause(3000);
			dump();
		}
		break;
	}
	await closeChain(chain);
	rmSync(folder, { recursive: true });
}
process.exit(0);
