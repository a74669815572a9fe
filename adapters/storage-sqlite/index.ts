export type { SqliteHandle, SqliteStatement } from './driver.js';
export { type SqliteHandleOptions, type SqliteOptions, sqlite } from './sqlite.js';
