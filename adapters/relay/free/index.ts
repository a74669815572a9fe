export {
	createFreeDocuments,
	type FreeAccess,
	type FreeAsk,
	type FreeDocuments,
	type FreeOptions,
} from './documents.js';
export { type FreeLimits, freeLimits } from './limits.js';
export { openFreeDatabase } from './store.js';
