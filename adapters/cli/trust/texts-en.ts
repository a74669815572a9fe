import type { TillmeshError } from '../../../src/base/errors.js';
import { deskRefusals } from '../../../src/trust.js';
import { oneLine } from '../table.js';
import type { TrustTexts } from './texts.js';

export const trustEn: TrustTexts = {
	tooOpen: (file) => `${file} can be read by others on this machine. Make it yours alone: chmod 600 ${file}`,
	noDataKey: (file) => `${file} holds no key: expected 32 bytes, or 64 hex digits.`,
	storeName: (store) => `"${store}" can be no store: a store's name has no slash.`,
	notRoot: (file) => `${file} is a store's key, not a root key: only the root makes stores.`,
	otherStore: (file, is, store) =>
		`${file} is ${is === undefined ? 'a root key' : `the key of ${oneLine(is)}`}, not the key of ${oneLine(store)}.`,
	neverEnrolled: (name) => `No device called "${name}" was enrolled with this key.`,
	chainMade: ({ chain, root, secretFile, publicFile }) =>
		[
			`The chain ${oneLine(chain)} has a root key now.`,
			'',
			`  Secret: ${secretFile}`,
			'    Readable by you alone. Bring it to a safe, with a second copy in another one: nobody can make it again.',
			`  Public: ${publicFile}`,
			'    For every program and every auditor of the chain:',
			`    ${root}`,
			'',
			'Next: a key for each store, tillmesh chain store sh-014',
			'',
		].join('\n'),
	storeMade: ({ store, file, until }) =>
		[
			`The store ${oneLine(store)} has a key: ${file}`,
			`It may enrol the devices of ${oneLine(store)} until ${until}. Bring this one file to the machine of its manager, and delete it here.`,
			`Next, there: tillmesh enrol serve --key ${file} --listen 0.0.0.0:7450`,
			'',
		].join('\n'),
	code: ({ code, minutes, role, store, name }) =>
		[
			'',
			`  Code: ${code}`,
			'',
			`Type it at the new device. It holds for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, once, for a device of role ${role}${store === undefined ? '' : ` in ${oneLine(store)}`}${name === undefined ? '' : ` called ${oneLine(name)}`}.`,
			'Show it to nobody who is not to have such a device.',
			'',
		].join('\n'),
	listens: (urls) => ['The device asks at:', ...urls.map((url) => `  ${url}`)].join('\n'),
	renews: (urls) =>
		['Renews the certificates of devices that ask, until Ctrl+C, at:', ...urls.map((url) => `  ${url}`)].join('\n'),
	pasteRequest: 'Then scan or paste the request that the device shows, and press Enter:',
	copyAnswer: 'Bring this answer to the device, by its keyboard or as a QR code:',
	nobodyCame: 'Nobody came with this code. Nothing was signed.',
	refusals: deskRefusals,
	refused: (error: TillmeshError) => `Refused: ${oneLine(error.message)}`,
	enrolled: ({ name, store, role, device, until, old }) =>
		[
			`Enrolled: ${oneLine(name)} (${device}) of ${oneLine(store)}, role ${role}, until ${until}.`,
			...(old === undefined
				? []
				: [
						`It takes the place of ${old}: give that one up at the home, replica.fence('${old}'), and its shares come back.`,
					]),
			'',
		].join('\n'),
};
