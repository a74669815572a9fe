import type { TillmeshError } from '../../../src/base/errors.js';
import type { DeskRefusal } from '../../../src/trust.js';

export interface TrustTexts {
	readonly tooOpen: (file: string) => string;
	readonly noDataKey: (file: string) => string;
	readonly storeName: (store: string) => string;
	readonly notRoot: (file: string) => string;
	/** A key of `is`, or of the root, where one of `store` is needed. */
	readonly otherStore: (file: string, is: string | undefined, store: string) => string;
	readonly neverEnrolled: (name: string) => string;
	readonly chainMade: (of: { chain: string; root: string; secretFile: string; publicFile: string }) => string;
	readonly storeMade: (of: { store: string; file: string; until: string }) => string;
	readonly code: (of: {
		code: string;
		minutes: number;
		role: string;
		store: string | undefined;
		name: string | undefined;
	}) => string;
	readonly listens: (urls: readonly string[]) => string;
	readonly renews: (urls: readonly string[]) => string;
	readonly pasteRequest: string;
	readonly copyAnswer: string;
	readonly nobodyCame: string;
	readonly refusals: Readonly<Record<DeskRefusal, string>>;
	readonly refused: (error: TillmeshError) => string;
	readonly enrolled: (of: {
		name: string;
		store: string;
		role: string;
		device: string;
		until: string;
		/** The id of the device whose place it takes. */
		old: string | undefined;
	}) => string;
}
