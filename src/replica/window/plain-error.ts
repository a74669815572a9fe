import {
	AlreadyOpen,
	BadArgument,
	Closed,
	type Details,
	type FailureCode,
	failures,
	KeyReused,
	LimitError,
	NotReachedYet,
	StorageError,
	TillmeshError,
} from '../../base/errors.js';

/** An error as it crosses a port. */
export interface PlainError {
	readonly name: string;
	readonly message: string;
	readonly code: FailureCode | undefined;
	readonly details: Details;
	readonly cause: PlainError | undefined;
}

/** Causes are kept so many deep. */
const deepest = 4;

export function toPlain(error: unknown, depth = 0): PlainError {
	if (!(error instanceof Error))
		return { name: 'Error', message: String(error), code: undefined, details: {}, cause: undefined };
	const cause = error.cause === undefined || depth === deepest ? undefined : toPlain(error.cause, depth + 1);
	const { name, message } = error;
	if (!(error instanceof TillmeshError)) return { name, message, code: undefined, details: {}, cause };
	// Only what any port can copy.
	const details = Object.entries(error.details).filter(([, value]) => value === null || typeof value !== 'object');
	return { name, message, code: error.code, details: Object.fromEntries(details), cause };
}

/** The same error again: its class, code, message and details. */
export function fromPlain({ name, message, code, details, cause: plainCause }: PlainError): Error {
	const cause = plainCause && fromPlain(plainCause);
	if (code === undefined || !(code in failures)) {
		const error = new Error(message, cause && { cause });
		error.name = name;
		return error;
	}
	const text = (field: string): string => String(details[field]);
	// The constructors end every message with what the code says.
	const what = message.slice(0, message.length - failures[code].length).trimEnd();
	switch (name) {
		case 'BadArgument':
			return new BadArgument(text('path'), what.slice(text('path').length + 2), code);
		case 'KeyReused':
			return new KeyReused(text('key'), text('first'));
		case 'LimitError':
			return new LimitError(text('limit'), Number(details.max), Number(details.actual));
		case 'AlreadyOpen':
			return new AlreadyOpen(text('what'), text('holder'));
		case 'NotReachedYet':
			return new NotReachedYet(text('tier'), cause);
		case 'Closed':
			return new Closed(cause);
		case 'StorageError':
			return new StorageError(code, what, details, cause);
		default:
			return new TillmeshError(code, what, details, cause);
	}
}
