export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** `zh-CN`, `ZH` and `zh` are Chinese; undefined for a language that we do not speak. */
export function languageOf(tag: string | null | undefined): Language | undefined {
	const primary = tag?.trim().toLowerCase().split('-')[0];
	return languages.find((language) => language === primary);
}

/**
 * What a reader gets: `?lang=` where it names one of ours, else the best of `Accept-Language` (RFC 9110, 12.5.4), else
 * `fallback`. Anything malformed is passed over.
 */
export function pickLanguage(asked: string | null, accepted: string | undefined, fallback: Language): Language {
	const named = languageOf(asked);
	if (named) return named;
	let best: { language: Language; quality: number } | undefined;
	for (const range of (accepted ?? '').slice(0, 1_000).split(',')) {
		const [tag, ...parameters] = range.split(';');
		const language = languageOf(tag);
		if (!language) continue;
		const quality = qualityOf(parameters);
		if (quality > (best?.quality ?? 0)) best = { language, quality };
	}
	return best?.language ?? fallback;
}

function qualityOf(parameters: readonly string[]): number {
	for (const parameter of parameters) {
		const value = /^\s*q=([0-9.]+)\s*$/i.exec(parameter)?.[1];
		if (value !== undefined) return Number(value) || 0;
	}
	return 1;
}
