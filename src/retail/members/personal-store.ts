import type { Json } from '../../ledger/collections.js';
import type { MemberId } from '../documents/order.js';

/**
 * Where names, phones and birthdays are: the vendor's own customer database, or one table beside the till. Nothing of it
 * enters a journal, so that it can be deleted.
 */
export interface PersonalStore {
	get(member: MemberId): Promise<Json | undefined>;
	/** In place of what was there. */
	put(member: MemberId, data: Json): Promise<void>;
	/** No error where there is nothing. */
	delete(member: MemberId): Promise<void>;
}

/** Forgets with the process: for tests, and for tills that need no names. */
export function personalInMemory(): PersonalStore {
	const data = new Map<MemberId, Json>();
	return {
		get: async (member) => data.get(member),
		put: async (member, personal) => void data.set(member, personal),
		delete: async (member) => void data.delete(member),
	};
}
