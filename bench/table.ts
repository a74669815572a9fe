/** What a bench hands to whoever prints it. */
export interface Table {
	readonly title: string;
	/** How it was measured, in a sentence or two. */
	readonly note?: string;
	readonly columns: readonly string[];
	readonly rows: readonly (readonly (string | number)[])[];
	/** The figures that a bar is set on, by name with the unit last: `parseSingleUs`. */
	readonly figures: Readonly<Record<string, number>>;
}
