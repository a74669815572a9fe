import { checkName } from '../../../src/base/limits.js';
import { deviceIdOf } from '../../../src/journal/seal.js';
import { type Answer, createEnrolmentDesk, type EnrolmentDesk, grantsOf, type Role } from '../../../src/trust.js';
import { nodeCrypto } from '../../platform-node/crypto.js';
import { nodePlatform } from '../../platform-node/index.js';
import { cliTexts } from '../../relay/cli/texts.js';
import { Wrong } from '../../relay/cli/words.js';
import type { Call } from '../call.js';
import { timeText } from '../table.js';
import { rootKeyFile } from './chain.js';
import { countOf, daysOf } from './days.js';
import { lastIssued, noteIssued } from './issued.js';
import { readKeyFile } from './key-file.js';

const rolesOfStore: readonly Role[] = ['cashier', 'warehouse', 'manager', 'relay'];
const rolesOfRoot: readonly Role[] = ['headquarters'];

/** A desk by the key that the line names. */
export interface NamedDesk {
	readonly desk: EnrolmentDesk;
	readonly keyFile: string;
	/** Notes whom a credential was given to, and tells. */
	done(answer: Answer): string;
}

/** With one code open. */
export interface OpenDesk extends NamedDesk {
	readonly code: string;
	readonly endsMs: number;
	/** For people: the code, how long it holds, and for whom. */
	readonly shown: string;
}

/** By the key of `--key`, else the root's in `--dir`. */
export function deskOf(call: Call): NamedDesk {
	const keyFile = call.option('key') ?? rootKeyFile(call);
	const platform = { ...nodePlatform(), clock: { nowMs: () => call.nowMs() } };
	const desk = createEnrolmentDesk({ platform, issuer: readKeyFile(keyFile, call.texts) });
	return {
		desk,
		keyFile,
		done(answer) {
			const device = deviceIdOf(answer.key, nodeCrypto.sha256);
			noteIssued(keyFile, answer, device, call.nowMs());
			const { name, role, store, notAfterMs, replaces } = answer;
			if (call.has('json')) return `${JSON.stringify({ name, store, role, device, notAfterMs })}\n`;
			const old = replaces && deviceIdOf(replaces, nodeCrypto.sha256);
			return call.texts.trust.enrolled({ name, store, role, device, until: timeText(notAfterMs), old });
		},
	};
}

/** And opens it for one device, as what and for how long the line says. */
export function openDesk(call: Call): OpenDesk {
	const named = deskOf(call);
	const { store } = named.desk;
	const role = roleOf(call, store === undefined ? rolesOfRoot : rolesOfStore);
	const name = call.option('name');
	if (name !== undefined) checkName('--name', name);
	const minutes = countOf(call, 'minutes', 5);
	const { code, endsMs } = named.desk.invite({
		role,
		grants: grantsOf(role, store ?? '', { modules: call.all('module') }),
		name,
		days: daysOf(call, 90),
		minutes,
		replaces: replacedBy(call, named.keyFile),
	});
	return { ...named, code, endsMs, shown: call.texts.trust.code({ code, minutes, role, store, name }) };
}

function roleOf(call: Call, among: readonly Role[]): Role {
	const asked = call.option('role') ?? among[0];
	const found = among.find((role) => role === asked);
	const { wrong, expected } = cliTexts[call.language];
	if (!found) throw new Wrong(wrong.value('--role', String(asked), expected.oneOf(among)));
	return found;
}

function replacedBy(call: Call, keyFile: string): Uint8Array | undefined {
	const name = call.option('replaces');
	if (name === undefined) return undefined;
	const found = lastIssued(keyFile, name);
	if (!found) throw new Wrong(call.texts.trust.neverEnrolled(name));
	return found;
}
