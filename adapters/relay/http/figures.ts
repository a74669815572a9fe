import type { Language } from './language.js';

const locales: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const units: readonly (readonly [ms: number, en: string, zh: string])[] = [
	[day, 'day', '天'],
	[hour, 'hour', '小时'],
	[minute, 'minute', '分钟'],
	[second, 'second', '秒'],
];

/** A length of time in its largest unit: `3 minutes`, `3 分钟`. Under a second, and negative, is a moment. */
export function durationText(ms: number, language: Language): string {
	for (const [unitMs, en, zh] of units) {
		const count = Math.floor(ms / unitMs);
		if (count < 1) continue;
		return language === 'zh' ? `${count} ${zh}` : `${count} ${en}${count === 1 ? '' : 's'}`;
	}
	return language === 'zh' ? '片刻' : 'a moment';
}

/** `3 minutes ago`, `3 分钟前`, `just now`. */
export function agoText(ms: number, language: Language): string {
	if (!(ms >= 5 * second)) return language === 'zh' ? '刚刚' : 'just now';
	const duration = durationText(ms, language);
	return language === 'zh' ? `${duration}前` : `${duration} ago`;
}

export const countText = (count: number, language: Language): string =>
	new Intl.NumberFormat(locales[language], { maximumFractionDigits: 1 }).format(count);

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytesText(bytes: number, language: Language): string {
	let scaled = bytes;
	let unit = 0;
	while (scaled >= 1024 && unit < byteUnits.length - 1) {
		scaled /= 1024;
		unit++;
	}
	return `${countText(unit === 0 ? scaled : Math.round(scaled * 10) / 10, language)} ${byteUnits[unit]}`;
}

/** Day, hour and minute where the relay stands, or in `timeZone`. */
export const timeText = (ms: number, language: Language, timeZone: string | undefined): string =>
	new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(ms);
