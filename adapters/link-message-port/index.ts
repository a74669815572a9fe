export { type MessagePortOptions, messagePort } from './message-port.js';
export type { AnyPort, EmitterPort, EventPort } from './ports.js';
