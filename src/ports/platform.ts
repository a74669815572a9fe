/** Wall time in milliseconds since 1970. It may jump either way; nothing but display order depends on it. */
export interface Clock {
	nowMs(): number;
}

/** Cryptographically strong. Two calls, two processes, two restored copies never give the same bytes. */
export interface Random {
	bytes(length: number): Uint8Array;
}

export interface Timers {
	/**
	 * Calls `run` once, not before `delayMs` have passed and never in the same turn. Answers a function that cancels it.
	 * A `background` timer does not keep a process alive that has nothing else to do.
	 */
	after(delayMs: number, run: () => void, background?: boolean): () => void;
}

/** An Ed25519 key pair as raw or platform-held material; `secret` is opaque to everybody but its own `Crypto`. */
export interface KeyPair {
	/** 32 bytes. */
	readonly publicKey: Uint8Array;
	/** Opaque to all but the `Crypto` that made it; stored beside the public key, the two are the pair again. */
	readonly secret: Uint8Array;
}

export interface Crypto {
	/** SHA-256, 32 bytes, synchronous. */
	sha256(data: Uint8Array): Uint8Array;
	generateKeyPair(): Promise<KeyPair>;
	/** Ed25519, 64 bytes. */
	sign(pair: KeyPair, data: Uint8Array): Promise<Uint8Array>;
	/** False for anything but a valid signature, malformed input included; never throws for bad bytes. */
	verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** What a runtime lends to `src`, which knows no Node and no DOM. */
export interface Platform {
	readonly clock: Clock;
	readonly random: Random;
	readonly timers: Timers;
	readonly crypto: Crypto;
}
