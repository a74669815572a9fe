import * as Y from 'yjs';

/** What a piece costs beside its content, about. */
const pieceBytes = 100;

/** What a document takes up in memory, about: it walks over every piece. */
export function documentBytes(doc: Y.Doc): number {
	const { clients, pendingStructs, pendingDs } = doc.store;
	let bytes = (pendingStructs?.update.length ?? 0) + (pendingDs?.length ?? 0);
	for (const pieces of clients.values())
		for (const piece of pieces) bytes += pieceBytes + (piece instanceof Y.Item ? contentBytes(piece) : 0);
	return bytes;
}

function contentBytes({ content, length }: Y.Item): number {
	if (content instanceof Y.ContentBinary) return content.content.length;
	if (content instanceof Y.ContentString) return content.str.length * 2;
	if (content instanceof Y.ContentDeleted) return 0;
	// Of any other kind the parts are many and small, or were one message of the server's at most.
	return length * pieceBytes;
}
