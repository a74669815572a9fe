export { type ByteStore, type SealedPersonalOptions, sealedPersonal } from './personal.js';
