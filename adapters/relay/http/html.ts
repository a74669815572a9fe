/** Text that is markup already. Only `html` makes it, so nothing else reaches a page without being escaped. */
export class Markup {
	readonly text: string;
	constructor(text: string) {
		this.text = text;
	}
}

type Piece = Markup | string | number | undefined | readonly Piece[];

const escapes: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

export const escapeText = (text: string): string => text.replace(/[&<>"']/g, (found) => escapes[found] ?? '');

function textOf(piece: Piece): string {
	if (piece === undefined) return '';
	if (piece instanceof Markup) return piece.text;
	if (typeof piece === 'object') return piece.map(textOf).join('');
	return escapeText(String(piece));
}

/** A template whose pieces are escaped, in text and in quoted attributes alike; lists are joined, undefined is nothing. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
	return new Markup(parts.map((part, i) => part + textOf(pieces[i])).join(''));
}
