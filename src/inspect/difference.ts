const shownMax = 60;
const shown = (value: unknown): string => {
	const text = JSON.stringify(value) ?? 'nothing';
	return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null;

export interface Difference {
	/** As in `entry.legs[2].amount`. */
	readonly field: string;
	readonly said: string;
	readonly is: string;
}

/** The first field that says another thing; undefined where only the spelling differs. */
export function firstDifference(said: unknown, is: unknown, field = ''): Difference | undefined {
	if (!isObject(said) || !isObject(is) || Array.isArray(said) !== Array.isArray(is))
		return JSON.stringify(said) === JSON.stringify(is) ? undefined : { field, said: shown(said), is: shown(is) };
	for (const key of new Set([...Object.keys(is), ...Object.keys(said)])) {
		const path = Array.isArray(is) ? `${field}[${key}]` : field === '' ? key : `${field}.${key}`;
		const found = firstDifference(own(said, key), own(is, key), path);
		if (found) return found;
	}
	return undefined;
}

const own = (of: Readonly<Record<string, unknown>>, key: string): unknown =>
	Object.hasOwn(of, key) ? of[key] : undefined;
