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

/** One side of a key agreement, X25519 (RFC 7748): made for one meeting, and never stored. */
export interface Agreement {
	/** 32 bytes. */
	readonly publicKey: Uint8Array;
	/**
	 * 32 bytes that the two sides share, to derive keys from and for nothing else. Undefined for what is no key, and for the
	 * points of low order with which a stranger would choose the outcome.
	 */
	agree(theirs: Uint8Array): Uint8Array | undefined;
}

export interface Crypto {
	/** The same with secrets that are whole in their bytes, where those of this one only name what the platform keeps. */
	readonly portable?: Crypto;
	/** SHA-256, 32 bytes, synchronous. */
	sha256(data: Uint8Array): Uint8Array;
	generateKeyPair(): Promise<KeyPair>;
	/** Ed25519, 64 bytes. */
	sign(pair: KeyPair, data: Uint8Array): Promise<Uint8Array>;
	/** False for anything but a valid signature, malformed input included; never throws for bad bytes. */
	verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean>;
	/** A fresh one, synchronous. */
	createAgreement(): Agreement;
	/**
	 * ChaCha20-Poly1305 (RFC 8439), synchronous: `data` encrypted, and 16 bytes that vouch for it and for `associated`, which is
	 * not in it. Key of 32 bytes, nonce of 12; a nonce must never come back under the same key. `room`: bytes that are left
	 * free before it, for whoever has something to put there.
	 */
	seal(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, associated: Uint8Array, room?: number): Uint8Array;
	/** What was sealed so, in memory of its own. Undefined where a bit of any of the four is another; never throws for bad bytes. */
	open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined;
}

/** What a runtime lends to `src`, which knows no Node and no DOM. */
export interface Platform {
	readonly clock: Clock;
	readonly random: Random;
	readonly timers: Timers;
	readonly crypto: Crypto;
}
