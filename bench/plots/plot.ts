/** What a plot shows, before anybody draws it. */

export interface Axis {
	readonly label: string;
	readonly log?: true;
	/** Ticks of an axis that has few values, in place of round numbers. */
	readonly ticks?: readonly (readonly [value: number, text: string])[];
}

export interface Series {
	readonly name: string;
	readonly points: readonly (readonly [x: number, y: number])[];
	/** Which colour: those that belong together have the same. */
	readonly hue: number;
	readonly dashed?: true;
}

export interface Bar {
	readonly group: string;
	readonly name: string;
	readonly value: number;
	readonly hue: number;
}

/** A line that nothing should pass, or that everything should. */
export interface Limit {
	readonly at: number;
	readonly text: string;
}

interface Common {
	/** Of its file: `growth`. */
	readonly name: string;
	readonly title: string;
	readonly y: Axis;
	readonly limit?: Limit;
}

export interface LinePlot extends Common {
	readonly kind: 'lines';
	readonly x: Axis;
	readonly series: readonly Series[];
}

export interface BarPlot extends Common {
	readonly kind: 'bars';
	readonly bars: readonly Bar[];
}

/** What results.json does not hold yet. */
export interface MissingPlot {
	readonly kind: 'missing';
	readonly name: string;
	readonly title: string;
	/** The bench that measures it. */
	readonly bench: string;
}

export type Plot = LinePlot | BarPlot | MissingPlot;
