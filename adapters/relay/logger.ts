type Log = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** What a relay writes its log to; a pino logger is one. Fields carry no content of entries and no keys. */
export interface RelayLogger {
	readonly debug: Log;
	readonly info: Log;
	readonly warn: Log;
	readonly error: Log;
}

const nothing: Log = () => {};

export const silentLogger: RelayLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
