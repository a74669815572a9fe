/** Counters around storage and links: what is written and sent, whoever writes it. */
import type { Link } from '../../src/ports/link.js';
import type { StorageAdapter } from '../../src/ports/storage.js';

export interface Written {
	/** Batches, each of which a storage syncs once at most. */
	batches: number;
	records: number;
	/** Records that are rows of a journal. */
	rows: number;
	bytes: number;
}

/** The same storage, and what has been written to it so far. */
export function counted(adapter: StorageAdapter): { readonly storage: StorageAdapter; readonly written: Written } {
	const written: Written = { batches: 0, records: 0, rows: 0, bytes: 0 };
	const storage: StorageAdapter = {
		...adapter,
		async open(holder) {
			const opened = await adapter.open(holder);
			return {
				read: (prefix) => opened.read(prefix),
				write(batch) {
					if (batch.puts.length + batch.deletes.length > 0) written.batches++;
					for (const { key, value } of batch.puts) {
						written.records++;
						if (key.startsWith('r/')) written.rows++;
						written.bytes += key.length + value.length;
					}
					return opened.write(batch);
				},
				size: () => opened.size(),
				close: () => opened.close(),
			};
		},
	};
	return { storage, written };
}

export interface Sent {
	frames: number;
	bytes: number;
}

/** The same link; what its own end sends is added to `sent`. */
export function countedLink(link: Link, sent: Sent): Link {
	return {
		kind: link.kind,
		...(link.private !== undefined && { private: link.private }),
		start: (events) =>
			link.start({
				...events,
				up: (end) =>
					events.up({
						...end,
						send(frame) {
							sent.frames++;
							sent.bytes += frame.length;
							return end.send(frame);
						},
						close: () => end.close(),
					}),
				frame: (bytes) => events.frame(bytes),
				down: () => events.down(),
			}),
		stop: () => link.stop(),
	};
}
