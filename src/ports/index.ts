export type { Link, LinkEnd, LinkEvents, LinkSource, Meeting, Signals } from './link.js';
export type { Agreement, Clock, Crypto, KeyPair, Platform, Random, Timers } from './platform.js';
export type { Alongside, Storage, StorageAdapter, StoredRecord, WriteBatch } from './storage.js';
