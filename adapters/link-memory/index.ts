export { type MemoryLink, type MemoryLinkOptions, memoryLink } from './memory-link.js';
