import { openLoyalty } from './app.js';
import { openFixedLoyalty } from './app-fixed.js';
import { simulateLoyalty } from './simulation.js';

const seeds = 25;

const first = await simulateLoyalty(openLoyalty, seeds);
console.log('The app as it was written first (app.ts):\n');
console.log(first.failed?.report ?? 'nothing was found');

const fixed = await simulateLoyalty(openFixedLoyalty, seeds);
console.log('\nThe app after that (app-fixed.ts):\n');
console.log(fixed.failed?.report ?? `${fixed.seeds} seeds, nothing wrong. Faults: ${JSON.stringify(fixed.faults)}`);

process.exitCode = first.failed && !fixed.failed ? 0 : 1;
