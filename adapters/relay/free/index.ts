export { createFreeDocuments, type FreeOptions } from './documents.js';
export { openFreeDatabase } from './store.js';
