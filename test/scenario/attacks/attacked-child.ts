/** The process of `attacked-store.ts`, and keys to attack it with. */
import { rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import type { EnrolledKeys } from '../../../src/trust/credential.js';
import { bundle, Child } from '../../crash/child.js';
import { folderOf } from '../real-lines.js';
import type { StoreTold } from './attacked-store.js';

type Hex = Readonly<Record<'secret' | 'publicKey' | 'credential', string>>;

export interface AttackedStore {
	readonly url: string;
	readonly root: Uint8Array;
	/** Two who are enrolled as cashiers. */
	readonly thief: EnrolledKeys & { readonly credential: Uint8Array };
	readonly other: EnrolledKeys & { readonly credential: Uint8Array };
	tell(line: string): void;
	/** A cashier's credential for a key. */
	enrol(key: Uint8Array): Promise<Uint8Array>;
	status(): Promise<StoreTold>;
}

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const keysOf = ({ secret, publicKey, credential }: Hex) => ({
	secret: bytes(secret),
	publicKey: bytes(publicKey),
	credential: bytes(credential),
});

/** `limits`: how many times what a relay allows by default. */
export async function attackedStore(limits = 1): Promise<AttackedStore> {
	const script = bundle(new URL('./attacked-store.ts', import.meta.url));
	const child = new Child(script, [folderOf(), String(limits)]);
	onTestFinished(async () => {
		await child.kill();
		rmSync(script);
	});
	const said = JSON.parse((await child.line('open ')).slice('open '.length)) as {
		url: string;
		root: string;
		thief: Hex;
		other: Hex;
	};
	let asked = 0;
	return {
		url: said.url,
		root: bytes(said.root),
		thief: keysOf(said.thief),
		other: keysOf(said.other),
		tell: (line) => child.tell(line),
		async enrol(key) {
			const question = `enrol ${Buffer.from(key).toString('hex')}`;
			child.tell(question);
			return bytes((await child.line(`${question} `)).slice(question.length + 1));
		},
		async status() {
			const question = `status ${asked++}`;
			child.tell(question);
			return JSON.parse((await child.line(`${question} `)).slice(question.length + 1)) as StoreTold;
		},
	};
}
