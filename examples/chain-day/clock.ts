/** One clock for all processes of a machine, in milliseconds and parts of them. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
