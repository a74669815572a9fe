/** Beside `index.ts`, so that only those who have windows load it. */
export { attachReplica } from './replica/window/attach.js';
export { shareReplica } from './replica/window/share.js';
export type { Wire } from './replica/window/wire.js';
