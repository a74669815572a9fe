export { createRelayHttp, type RelayHttpOptions } from './handler.js';
export { type Health, healthOf } from './health.js';
export { type Language, languageOf, languages } from './language.js';
