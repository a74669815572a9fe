export { createRelayHttp } from './handler.js';
