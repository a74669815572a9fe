/** A line of a file as it is checked: without its line feed. */
export interface FileLine {
	readonly bytes: Uint8Array;
	/** A line feed follows, as after every line of a whole file. */
	readonly ended: boolean;
}

const lineFeed = 0x0a;
/** A checkpoint of 16 MiB as base64, and what stands beside it. */
export const lineBytesMax = 32 * 1024 * 1024;

/** Lines of a file that comes in pieces; one that is too long comes as far as it was read, and is the last. */
export async function* splitLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<FileLine> {
	let waiting: Uint8Array[] = [];
	let bytes = 0;
	for await (const piece of pieces) {
		let start = 0;
		for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
			waiting.push(piece.subarray(start, end));
			yield { bytes: joined(waiting), ended: true };
			waiting = [];
			bytes = 0;
			start = end + 1;
		}
		if (start === piece.length) continue;
		waiting.push(piece.slice(start)); // whoever reads the file may use its memory again
		bytes += piece.length - start;
		if (bytes > lineBytesMax) break;
	}
	if (waiting.length > 0) yield { bytes: joined(waiting), ended: false };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
	const [only] = pieces;
	if (pieces.length === 1 && only) return only;
	const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.length;
	}
	return whole;
}
