import { fromUtf8, utf8 } from '../../src/base/bytes.js';
import type { PersonalStore } from '../../src/retail/members/personal-store.js';
import { type Box, createBox, keyBytes, notReadable, randomBytes } from './box.js';

/** Bytes by name: a table, a folder, a key store of the operating system. */
export interface ByteStore {
	get(name: string): Promise<Uint8Array | undefined>;
	/** In place of what was there; resolves when it is on disk. */
	put(name: string, bytes: Uint8Array): Promise<void>;
	/** No error where there is nothing. Resolves when it is gone from the disk, free pages included. */
	delete(name: string): Promise<void>;
}

export interface SealedPersonalOptions {
	/** What is known of members, each under a key of its own. Back it up as you like. */
	readonly data: ByteStore;
	/** The keys. Never in a backup of `data`, nor kept longer anywhere: whoever has an old copy can read what was erased. */
	readonly keys: ByteStore;
}

/**
 * A personal store that can forget what lies in backups too: what is known of a member is closed under a key of its own
 * (AES-256-GCM), and `delete` destroys the key before anything else. A copy of `data`, however old, is noise from then on.
 */
export function sealedPersonal({ data, keys }: SealedPersonalOptions): PersonalStore {
	/** One after the other for each member: two first writings must not make two keys. */
	const underWay = new Map<string, Promise<unknown>>();
	const inTurn = <T>(member: string, run: () => Promise<T>): Promise<T> => {
		const turn = (underWay.get(member) ?? Promise.resolve()).then(run, run);
		underWay.set(member, turn);
		const end = () => underWay.get(member) === turn && underWay.delete(member);
		turn.then(end, end);
		return turn;
	};
	const boxOf = async (member: string): Promise<Box | undefined> => {
		const key = await keys.get(member);
		return key && createBox(key);
	};
	return {
		get: (member) =>
			inTurn(member, async () => {
				const box = await boxOf(member);
				const closed = box && (await data.get(member));
				if (!box || !closed) return undefined;
				const plain = await box.open(member, closed);
				if (!plain) throw notReadable(`What is known of member ${member}`);
				return JSON.parse(fromUtf8(plain));
			}),
		put: (member, personal) =>
			inTurn(member, async () => {
				let box = await boxOf(member);
				if (!box) {
					const key = randomBytes(keyBytes);
					await keys.put(member, key);
					box = await createBox(key);
				}
				await data.put(member, await box.close(member, utf8(JSON.stringify(personal))));
			}),
		delete: (member) =>
			inTurn(member, async () => {
				await keys.delete(member);
				await data.delete(member);
			}),
	};
}
