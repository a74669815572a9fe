/** Draws a plot as the text of an SVG: the same figures, the same bytes. Colours follow the reader's light or dark page. */
import { scaleBand, scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import type { Axis, BarPlot, Limit, LinePlot, Plot } from './plot.js';

const [width, height] = [760, 380];
const frame = { left: 70, right: 515, top: 44, bottom: 320 };
/** Okabe and Ito: told apart by those who see colours otherwise. */
const hues = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

const style = [
	'text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:15px;font-weight:600}',
	'.grid{stroke:#8884;stroke-width:1}.limit{stroke:#333;stroke-width:1.5;stroke-dasharray:2 3}',
	'path{fill:none;stroke-width:2}',
	'@media(prefers-color-scheme:dark){text{fill:#ccc}.limit{stroke:#ccc}}',
].join('');

export const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const px = (value: number) => Number(value.toFixed(1));
const hueOf = (hue: number) => hues[hue % hues.length] ?? '';

interface At {
	readonly x: number;
	readonly y: number;
}

const text = ({ x, y }: At, what: string, attributes = '') =>
	`<text x="${px(x)}" y="${px(y)}"${attributes && ` ${attributes}`}>${escaped(what)}</text>`;

const rule = (from: At, to: At, kind: string) =>
	`<line class="${kind}" x1="${px(from.x)}" y1="${px(from.y)}" x2="${px(to.x)}" y2="${px(to.y)}"/>`;

type Scale = (value: number) => number;
interface Scaled {
	readonly scale: Scale;
	readonly ticks: readonly (readonly [number, string])[];
}

function shortly(value: number): string {
	if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
	if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
	return String(Number(value.toPrecision(3)));
}

/** Linear from nothing on, or logarithmic from the decade below the least to the one above the most. */
function scaled(axis: Axis, values: readonly number[], [from, to]: readonly [number, number]): Scaled {
	const most = Math.max(...values);
	if (!axis.log) {
		const scale = scaleLinear([0, most], [from, to]).nice(5);
		return { scale, ticks: axis.ticks ?? scale.ticks(5).map((tick) => [tick, shortly(tick)]) };
	}
	const least = Math.min(...values.filter((value) => value > 0));
	const scale = scaleLog([least, most], [from, to]).nice();
	const decades = scale.ticks().filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e9) / 1e9));
	return { scale, ticks: axis.ticks ?? decades.map((tick) => [tick, shortly(tick)]) };
}

function yAxis({ scale, ticks }: Scaled, label: string): string[] {
	const middle = (frame.top + frame.bottom) / 2;
	return [
		...ticks.flatMap(([value, what]) => [
			rule({ x: frame.left, y: scale(value) }, { x: frame.right, y: scale(value) }, 'grid'),
			text({ x: frame.left - 8, y: scale(value) + 4 }, what, 'text-anchor="end"'),
		]),
		text({ x: 16, y: middle }, label, `text-anchor="middle" transform="rotate(-90 16 ${px(middle)})"`),
	];
}

function limitLine(scale: Scale, limit: Limit | undefined): string[] {
	return limit ? [rule({ x: frame.left, y: scale(limit.at) }, { x: frame.right, y: scale(limit.at) }, 'limit')] : [];
}

interface Entry {
	readonly name: string;
	readonly hue: number;
	readonly dashed?: boolean | undefined;
}

function legend(entries: readonly Entry[], limit: Limit | undefined): string[] {
	const at = (i: number) => ({ x: frame.right + 42, y: frame.top + 12 + i * 20 });
	const drawn = entries.flatMap(({ name, hue, dashed }, i) => {
		const dash = dashed ? ' stroke-dasharray="5 3"' : '';
		return [`<path stroke="${hueOf(hue)}"${dash} d="M${frame.right + 16},${at(i).y - 4}h20"/>`, text(at(i), name)];
	});
	if (!limit) return drawn;
	const { x, y } = at(entries.length);
	return [...drawn, rule({ x: x - 26, y: y - 4 }, { x: x - 6, y: y - 4 }, 'limit'), text({ x, y }, limit.text)];
}

function lines({ x, y, series, limit }: LinePlot): string[] {
	const points = series.flatMap((one) => one.points);
	const across = scaled(
		x,
		points.map(([value]) => value),
		[frame.left, frame.right],
	);
	const up = scaled(y, [...points.map(([, value]) => value), ...(limit ? [limit.at] : [])], [frame.bottom, frame.top]);
	const draw = line<readonly [number, number]>(
		([value]) => px(across.scale(value)),
		([, value]) => px(up.scale(value)),
	);
	return [
		...yAxis(up, y.label),
		...across.ticks.flatMap(([value, what]) => [
			rule({ x: across.scale(value), y: frame.top }, { x: across.scale(value), y: frame.bottom }, 'grid'),
			text({ x: across.scale(value), y: frame.bottom + 18 }, what, 'text-anchor="middle"'),
		]),
		text({ x: (frame.left + frame.right) / 2, y: frame.bottom + 40 }, x.label, 'text-anchor="middle"'),
		...limitLine(up.scale, limit),
		...series.flatMap(({ points: of, hue, dashed }) => [
			`<path stroke="${hueOf(hue)}"${dashed ? ' stroke-dasharray="5 3"' : ''} d="${draw([...of]) ?? ''}"/>`,
			...of.map(([a, b]) => `<circle cx="${px(across.scale(a))}" cy="${px(up.scale(b))}" r="3" fill="${hueOf(hue)}"/>`),
		]),
		...legend(series, limit),
	];
}

function bars({ y, bars: all, limit }: BarPlot): string[] {
	const up = scaled(y, [...all.map(({ value }) => value), ...(limit ? [limit.at] : [])], [frame.bottom, frame.top]);
	const names = new Map(all.map(({ name, hue }) => [name, { name, hue }]));
	const groups = scaleBand([...new Set(all.map(({ group }) => group))], [frame.left, frame.right]).padding(0.15);
	const within = scaleBand([...names.keys()], [0, groups.bandwidth()]).padding(0.1);
	return [
		...yAxis(up, y.label),
		...all.map(({ group, name, value, hue }) => {
			const [left, top] = [(groups(group) ?? 0) + (within(name) ?? 0), up.scale(value)];
			const box = `x="${px(left)}" y="${px(top)}" width="${px(within.bandwidth())}" height="${px(frame.bottom - top)}"`;
			return `<rect ${box} fill="${hueOf(hue)}"><title>${escaped(`${name}, ${group}: ${value}`)}</title></rect>`;
		}),
		...groups.domain().map((group) => {
			const x = (groups(group) ?? 0) + groups.bandwidth() / 2;
			return text({ x, y: frame.bottom + 18 }, group, 'text-anchor="middle"');
		}),
		...limitLine(up.scale, limit),
		...legend([...names.values()], limit),
	];
}

function body(plot: Plot): string[] {
	if (plot.kind === 'lines') return lines(plot);
	if (plot.kind === 'bars') return bars(plot);
	return [text({ x: frame.left, y: 180 }, `Not measured yet: npm run bench -- ${plot.bench} --write`)];
}

export function toSvg(plot: Plot): string {
	const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`;
	const title = [`<title>${escaped(plot.title)}</title>`, `<style>${style}</style>`];
	return `${[open, ...title, text({ x: 16, y: 24 }, plot.title, 'class="title"'), ...body(plot), '</svg>'].join('\n')}\n`;
}
