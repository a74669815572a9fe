import type { Order } from './order.js';

/** The line that plays this again. */
export function commandOf({ seed, steps, without = [] }: Order): string {
	return [
		`npm run sim -- --seed ${seed}`,
		...(steps ? [`--steps ${steps.length > 0 ? steps.join(',') : 'none'}`] : []),
		...(without.length > 0 ? [`--without ${without.join(',')}`] : []),
	].join(' ');
}
