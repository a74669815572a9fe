/** Holds have their names from the owner. Until it has given them, a window's work goes by names of the window's own. */
export type HoldNames = readonly (readonly [provisional: string, real: string])[];

/** `text` with the real names in place of the provisional ones: those are unlike anything else. */
export function fillText(text: string, names: HoldNames): string {
	let filled = text;
	for (const [provisional, real] of names) filled = filled.replaceAll(provisional, real);
	return filled;
}

/** The same in the texts of plain objects and arrays, however deep; anything else is left as it is. */
export function fillValue(value: unknown, names: HoldNames): unknown {
	if (names.length === 0) return value;
	if (typeof value === 'string') return fillText(value, names);
	if (Array.isArray(value)) return value.map((item) => fillValue(item, names));
	if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
	return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, fillValue(item, names)]));
}
