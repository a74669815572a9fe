import type { Alarm, AlarmCode } from './status.js';
import { alarmCodes } from './status.js';

type Params = Alarm['params'];

/** Alarms that stand, each since when. What is not raised again in a round is over. */
export class Alarms {
	readonly #since = new Map<string, number>();

	/** All that is wrong now, as `raise` is told. */
	round(nowMs: number, look: (raise: (code: AlarmCode, subject: string, params: Params) => void) => void): Alarm[] {
		const standing = new Map<string, Alarm>();
		look((code, subject, params) => {
			const key = `${code} ${subject}`;
			if (standing.has(key)) return;
			const sinceMs = this.#since.get(key) ?? nowMs;
			this.#since.set(key, sinceMs);
			standing.set(key, { code, level: alarmCodes[code], sinceMs, params });
		});
		for (const key of this.#since.keys()) if (!standing.has(key)) this.#since.delete(key);
		const order = ['critical', 'warning', 'info'];
		return [...standing.values()].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
	}
}
