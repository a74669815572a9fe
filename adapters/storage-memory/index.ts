export { type MemoryLink, type MemoryLinkOptions, memoryLink } from '../link-memory/index.js';
export { type MemoryAdapter, type MemoryOptions, memory } from './memory.js';
