/** Registers one test. */
export type Run = (name: string, test: () => Promise<void>) => void;
