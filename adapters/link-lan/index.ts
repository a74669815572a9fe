export type { Announcement, Discovery, DiscoveryEvents, Sighting } from './discovery.js';
export { type LanOptions, type LanSource, lan } from './lan.js';
