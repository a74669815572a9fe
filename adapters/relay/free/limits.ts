/**
 * What one relay gives to documents `free/...`. They live in the relay's process: no single message may keep it from its
 * sales for more than some 50 ms, and all of them together get a fifth of its time.
 */
export interface FreeLimits {
	/** One message of a client. Also bounds the first upload of a document that was made elsewhere. */
	readonly messageBytes: number;
	/** One document, as it is stored. A full one takes deletions and nothing else. */
	readonly documentBytes: number;
	/** Pieces (structs) of one document in memory, some 250 bytes each. */
	readonly documentStructs: number;
	/** Pieces that one update may bring, and ranges that it may delete. */
	readonly updateStructs: number;
	/** Steps to find the places of its pieces among those written at the same time: some 0.5 µs each. */
	readonly updateSteps: number;
	/** The same for all that was ever written in a document: whoever opens it takes them again. */
	readonly documentSteps: number;
	/** Devices, by Yjs client id, that may ever have written in one document. */
	readonly documentClients: number;
	/** Subdocuments that one update may bring: each costs some KiB of memory. */
	readonly updateSubdocuments: number;
	/** Documents kept on disk, and documents in memory at once. */
	readonly documents: number;
	readonly documentsLoaded: number;
	readonly connections: number;
	readonly documentConnections: number;
	/**
	 * Messages of one connection a second, with twice that at once; beyond it, its socket is not read for a while. A message
	 * counts for more where it is work: one connection gets a tenth of the relay's time at most.
	 */
	readonly messagesPerSecond: number;
	/** The time of the relay that all documents together may take, in milliseconds a second; twice that at once. */
	readonly workMsPerSecond: number;
	/** One client's awareness state, and how many clients one connection may speak for (tabs of one browser). */
	readonly awarenessBytes: number;
	readonly awarenessClients: number;
	/** Sent and not taken by a slow reader. Beyond it, it gets one difference when it has caught up. */
	readonly bufferedBytes: number;
	/** A reader that takes nothing for so long is cut off. */
	readonly stalledMs: number;
	/** A document that nobody has open leaves memory after so long. */
	readonly idleMs: number;
	/** How long an update may wait for its write to disk. */
	readonly saveMs: number;
	/** A connection that does not answer a ping within this is gone. */
	readonly pingMs: number;
}

export const freeLimits: FreeLimits = {
	messageBytes: 1024 * 1024,
	documentBytes: 8 * 1024 * 1024,
	documentStructs: 50_000,
	updateStructs: 5_000,
	updateSteps: 50_000,
	documentSteps: 200_000,
	documentClients: 10_000,
	updateSubdocuments: 100,
	documents: 10_000,
	documentsLoaded: 256,
	connections: 500,
	documentConnections: 100,
	messagesPerSecond: 200,
	workMsPerSecond: 200,
	awarenessBytes: 4 * 1024,
	awarenessClients: 32,
	bufferedBytes: 2 * 1024 * 1024,
	stalledMs: 60_000,
	idleMs: 30_000,
	saveMs: 200,
	pingMs: 30_000,
};
