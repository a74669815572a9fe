import { type KeyCabinet, type Signatures, webSignatures } from './web-signatures.js';

/** WebCrypto where it is there and knows Ed25519; browsers hide it from pages that come neither by https nor from localhost. */
async function choose(cabinet?: () => KeyCabinet | undefined): Promise<Signatures> {
	const web = globalThis.crypto?.subtle;
	try {
		if (web && (await web.generateKey('Ed25519', false, ['sign', 'verify']))) return webSignatures(web, cabinet);
	} catch {
		// It lacks the algorithm; whatever else is wrong with it, the other way needs nothing of it.
	}
	const { nobleSignatures } = await import('./noble-signatures.js');
	return nobleSignatures;
}

/** Chosen when the first key is made or used, and kept. */
export function createSignatures(cabinet?: () => KeyCabinet | undefined): Signatures {
	let chosen: Promise<Signatures> | undefined;
	const those = (): Promise<Signatures> => {
		chosen ??= choose(cabinet);
		return chosen;
	};
	return {
		generateKeyPair: async () => (await those()).generateKeyPair(),
		sign: async (pair, data) => (await those()).sign(pair, data),
		verify: async (publicKey, data, signature) => (await those()).verify(publicKey, data, signature),
	};
}
