/** What was tried and what came of it, for a table that a command prints (`npm run attacks`). */
import { appendFileSync } from 'node:fs';

/** How often each refusal was counted. */
export class Answers {
	readonly #counts = new Map<string, number>();

	add(code: string, times = 1): void {
		this.#counts.set(code, (this.#counts.get(code) ?? 0) + times);
	}

	get all(): Readonly<Record<string, number>> {
		return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
	}

	get total(): number {
		return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
	}
}

export interface Tried {
	readonly threat: string;
	/** Who refused: `relay`, `till`, or both. */
	readonly where: string;
	readonly acts: number;
	/** What became of them: codes and how often, or one sentence. */
	readonly outcome: Readonly<Record<string, number>> | string;
}

/** The file is named by the command; tests that run by themselves tell nobody. */
export function tell(tried: Tried): void {
	const path = process.env.ATTACKS_REPORT;
	if (path) appendFileSync(path, `${JSON.stringify(tried)}\n`);
}
