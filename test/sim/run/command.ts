import type { Order } from './order.js';

/** The line that plays this again. */
export function commandOf({ seed, realKeys, steps, without = [] }: Order): string {
	return [
		`npm run sim -- --seed ${seed}`,
		...(realKeys ? ['--real-keys'] : []),
		...(steps ? [`--steps ${steps.length > 0 ? listed(steps) : 'none'}`] : []),
		...(without.length > 0 ? [`--without ${without.join(',')}`] : []),
	].join(' ');
}

/** `0-41,43,50`: what follows each other in a row is told by its ends. */
function listed(steps: readonly number[]): string {
	const parts: string[] = [];
	for (let at = 0; at < steps.length; ) {
		let end = at;
		while (steps[end + 1] === (steps[end] ?? 0) + 1) end++;
		if (end - at < 2) end = at;
		parts.push(end > at ? `${steps[at]}-${steps[end]}` : `${steps[at]}`);
		at = end + 1;
	}
	return parts.join(',');
}
