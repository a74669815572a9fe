export { encrypted } from './encrypted.js';
export { type ByteStore, type SealedPersonalOptions, sealedPersonal } from './personal.js';
