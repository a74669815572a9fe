/** A profile as a flame graph: each bar a function, as wide as its share of the whole, upon the one that called it. */
import type { Profile } from '../profile.js';
import { escaped } from './svg.js';

const width = 1_000;
const rowHeight = 15;
const headHeight = 26;
const depthMax = 48;
/** Of the whole; what is narrower is left out. */
const shareMin = 0.004;
const letterWidth = 6.2;

/** Time in which nothing ran. */
const idle = '(idle)';

/** Our code and that of packages, what Node is written in, and what is compiled into it. */
const fills = { code: '#f2a65a', node: '#8fb8de', native: '#c9c9c9' } as const;

interface Bar {
	readonly name: string;
	readonly kind: keyof typeof fills;
	/** Of itself and of all that stands upon it. */
	weight: number;
	readonly above: Map<string, Bar>;
}

const kindOf = (url: string): Bar['kind'] => (url === '' ? 'native' : url.startsWith('node:') ? 'node' : 'code');

/** The bottom bar: all calls of a function from one place are one. */
function barsOf({ nodes, samples, timeDeltas }: Profile): Bar {
	const own = new Map<number, number>();
	for (const [i, sample] of samples.entries()) own.set(sample, (own.get(sample) ?? 0) + (timeDeltas[i] ?? 0));
	const byId = new Map(nodes.map((node) => [node.id, node]));
	const bottom: Bar = { name: 'all', kind: 'native', weight: 0, above: new Map() };
	const add = (id: number, below: Bar): number => {
		const node = byId.get(id);
		if (!node || node.callFrame.functionName === idle) return 0;
		const name = node.callFrame.functionName || '(anonymous)';
		const bar = below.above.get(name) ?? { name, kind: kindOf(node.callFrame.url), weight: 0, above: new Map() };
		below.above.set(name, bar);
		const weight = (node.children ?? []).reduce((sum, child) => sum + add(child, bar), own.get(id) ?? 0);
		bar.weight += weight;
		return weight;
	};
	bottom.weight = (nodes[0]?.children ?? []).reduce((sum, child) => sum + add(child, bottom), 0);
	return bottom;
}

class Drawing {
	readonly rects: string[] = [];
	readonly #all: number;
	#deepest = 0;

	constructor(bottom: Bar) {
		this.#all = bottom.weight;
		this.#draw(bottom, 0, 0);
	}

	get height(): number {
		return headHeight + (this.#deepest + 1) * rowHeight;
	}

	#draw(bar: Bar, x: number, depth: number): void {
		if (bar.weight < this.#all * shareMin || depth > depthMax) return;
		this.#deepest = Math.max(this.#deepest, depth);
		this.rects.push(this.#rect(bar, x, depth));
		let at = x;
		for (const above of [...bar.above.values()].sort((a, b) => b.weight - a.weight)) {
			this.#draw(above, at, depth + 1);
			at += (above.weight / this.#all) * width;
		}
	}

	#rect({ name, kind, weight }: Bar, x: number, depth: number): string {
		const share = weight / this.#all;
		const y = headHeight + depth * rowHeight;
		const fits = Math.floor((share * width - 4) / letterWidth);
		const label = fits < 3 ? '' : name.length > fits ? `${name.slice(0, fits - 1)}…` : name;
		const text = label && `<text x="${(x + 2).toFixed(1)}" y="${y + 11}">${escaped(label)}</text>`;
		const box = `x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.5, share * width - 0.5).toFixed(1)}" height="${rowHeight - 1}"`;
		const told = `<title>${escaped(name)} ${(share * 100).toFixed(1)} %</title>`;
		return `<g>${told}<rect ${box} fill="${fills[kind]}"/>${text}</g>`;
	}
}

export function flame(title: string, profile: Profile): string {
	const { rects, height } = new Drawing(barsOf(profile));
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
		`<title>${escaped(title)}</title>`,
		`<rect width="${width}" height="${height}" fill="#fff"/>`,
		`<text x="4" y="17" font-size="13">${escaped(title)}</text>`,
		...rects,
		'</svg>',
		'',
	].join('\n');
}
