/** Beside `index.ts`: for whoever gives certificates out, and for whoever checks them. Devices need none of it themselves. */
export type { EnrolRequest } from './replica/options.js';
export { type GrantsOptions, grantsOf, type Role, roles } from './retail/shop/roles.js';
export type { CertificateFields } from './trust/certificate.js';
export { type Credential, type Distrust, type EnrolledKeys, verifyCredential } from './trust/credential.js';
export {
	type Answer,
	createEnrolmentDesk,
	type DeskOptions,
	type DeskRefusal,
	deskRefusals,
	type EnrolmentDesk,
	type Invitation,
	refusedBy,
} from './trust/desk.js';
export { everything, type Grant, type Rights } from './trust/grant.js';
export { issue } from './trust/issue.js';
export { type Asked, requestText } from './trust/request.js';
export { credentialText, keysText, readCredential, readKeys, readRoot, rootText } from './trust/texts.js';
