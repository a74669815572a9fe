export { encrypted } from './encrypted.js';
