/** `tillmesh/trust`: for whoever gives certificates out, for whoever checks them, and for a device that asks for its own. */
export * from '../../src/trust.js';
export { type EnrolBy, enrolBy } from './enrol-by.js';
