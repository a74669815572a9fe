/**
 * The suites that every adapter of a port must pass, for authors of adapters. They need no particular test runner: `run`
 * is vitest's `test`, node:test's, or anything that takes a name and an asynchronous function.
 */
export { type LinkUnderTest, linkContract, type MakeLink } from './link.js';
export { linkSourceContract, type MakeSources, type SourcesUnderTest } from './link-source.js';
export type { Run } from './run.js';
export { storageContract } from './storage.js';
export type { MakeStorage, StorageUnderTest } from './storage-subject.js';
