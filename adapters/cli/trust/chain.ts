import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkName } from '../../../src/base/limits.js';
import { grantsOf, issue, rootText } from '../../../src/trust.js';
import { nodeCrypto } from '../../platform-node/crypto.js';
import { Wrong } from '../../relay/cli/words.js';
import type { Call } from '../call.js';
import { timeText } from '../table.js';
import { daysOf } from './days.js';
import { keyFileText, readKeyFile, writePublic, writeSecret } from './key-file.js';

const dirByDefault = 'chain-keys';
const storeDays = 365;

export const rootKeyFile = (call: Call): string => join(call.option('dir') ?? dirByDefault, 'root.key');

/** `tillmesh chain init`: the root's key pair, once for a chain. */
export async function runChainInit(call: Call): Promise<number> {
	const { texts } = call;
	const name = call.option('name') ?? 'main';
	checkName('--name', name);
	const secretFile = rootKeyFile(call);
	const publicFile = join(call.option('dir') ?? dirByDefault, 'root.pub');
	for (const file of [secretFile, publicFile]) if (existsSync(file)) throw new Wrong(texts.file.exists(file));
	const root = await nodeCrypto.generateKeyPair();
	const text = rootText(root.publicKey);
	const about = [
		`The root key of the chain ${name}, with its secret. Whoever has this file can make stores and headquarters of it.`,
		'Keep it in a safe, and a second copy in another one; no till, no store and no relay needs it.',
	];
	writeSecret(secretFile, keyFileText(about, root), texts);
	writePublic(
		publicFile,
		`# The public root key of the chain ${name}: for every program and every auditor of it.\n${text}\n`,
		texts,
	);
	await call.say(
		call.has('json')
			? `${JSON.stringify({ chain: name, root: text, secretFile, publicFile })}\n`
			: texts.trust.chainMade({ chain: name, root: text, secretFile, publicFile }),
	);
	return 0;
}

/** `tillmesh chain store STORE`: a key for a store and what the root says of it, in one file to bring there. */
export async function runChainStore(call: Call): Promise<number> {
	const { texts, subject: store } = call;
	checkName('STORE', store);
	if (/[/\\]/.test(store)) throw new Wrong(texts.trust.storeName(store));
	const days = daysOf(call, storeDays);
	const file = call.option('out') ?? join(call.option('dir') ?? dirByDefault, `${store}.key`);
	if (existsSync(file)) throw new Wrong(texts.file.exists(file));
	const root = readKeyFile(rootKeyFile(call), texts);
	if (root.credential) throw new Wrong(texts.trust.notRoot(rootKeyFile(call)));
	const keys = await nodeCrypto.generateKeyPair();
	const notBeforeMs = call.nowMs();
	const notAfterMs = notBeforeMs + days * 86_400_000;
	const credential = await issue(nodeCrypto, root, {
		subject: keys.publicKey,
		name: store,
		store,
		role: 'store',
		issues: true,
		grants: grantsOf('store', store),
		notBeforeMs,
		notAfterMs,
	});
	const about = [
		`The key of the store ${store}, with its secret: whoever has this file can make tills and managers of ${store}.`,
		`For the manager's machine there, until ${new Date(notAfterMs).toISOString()}. Keep no other copy.`,
	];
	writeSecret(file, keyFileText(about, { ...keys, credential }), texts);
	await call.say(
		call.has('json')
			? `${JSON.stringify({ store, file, notAfterMs, root: rootText(root.publicKey) })}\n`
			: texts.trust.storeMade({ store, file, until: timeText(notAfterMs) }),
	);
	return 0;
}
