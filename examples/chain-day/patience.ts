/** How long anybody waits for what must come: a machine may be busy. */
export const patienceMs = 60_000;
export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Resolves to whether the test passed in time. */
export async function until(test: () => boolean | Promise<boolean>, timeoutMs = patienceMs): Promise<boolean> {
	const untilMs = Date.now() + timeoutMs;
	for (let pauseMs = 5; ; pauseMs = Math.min(200, pauseMs * 2)) {
		if (await test()) return true;
		if (Date.now() > untilMs) return false;
		await pause(pauseMs);
	}
}
