/**
 * `tillmesh/testing`: for vendors, a chain of shops to test an app in and a simulator that plays an app over faults; for
 * authors of adapters, the suite of each port. Neither needs a particular test runner.
 */
export * from './contract/index.js';
export type { ChainOptions } from './sim/public/options.js';
export type { Place } from './sim/public/place.js';
export { type Failure, type Simulated, type SimulateOptions, simulate } from './sim/public/simulate.js';
export type { Action, AppWorld, Check, Checks, Pick } from './sim/public/simulation/app.js';
export type { Fault } from './sim/public/simulation/plan.js';
export { testChain } from './sim/public/test-chain.js';
export type { CrashPoint, CutOptions, World } from './sim/public/world.js';
