/** One thing that happened, and what came of it. */
export interface Happening {
	readonly atMs: number;
	what: string;
	/** How it ended, and when. */
	end?: { readonly atMs: number; readonly how: string };
}

const widestValue = 80;

const cut = (text: string) => (text.length > widestValue ? `${text.slice(0, widestValue)}…` : text);

/** A value as it stands in a history: short, and on one line. */
export function inWords(value: unknown): string {
	if (value === undefined) return 'done';
	if (value instanceof Error) return cut(`${value.name}: ${value.message}`);
	try {
		return cut(JSON.stringify(value) ?? String(value));
	} catch {
		return cut(String(value)); // it refers to itself
	}
}

const time = (ms: number) => `${(ms / 1_000).toFixed(3).padStart(10)} s`;

/** An end that comes so much later is said with its delay. */
const laterMs = 50;

function lineOf({ atMs, what, end }: Happening): string {
	if (!end) return `${time(atMs)}  ${what}`;
	const later = Math.round(end.atMs - atMs);
	return `${time(atMs)}  ${what} → ${end.how}${later > laterMs ? ` (${later} ms later)` : ''}`;
}

/** What happened in one world, in order. */
export class History {
	readonly #now: () => number;
	readonly #happenings: Happening[] = [];

	constructor(now: () => number) {
		this.#now = now;
	}

	tell(what: string): Happening {
		const happening: Happening = { atMs: this.#now(), what };
		this.#happenings.push(happening);
		return happening;
	}

	/** Only the first end counts. */
	end(happening: Happening, how: string): void {
		happening.end ??= { atMs: this.#now(), how };
	}

	get lines(): readonly string[] {
		return this.#happenings.map(lineOf);
	}
}
