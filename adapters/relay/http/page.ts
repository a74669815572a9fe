import type { RelayStatus } from '../status.js';
import { timeText } from './figures.js';
import { html, Markup } from './html.js';
import type { Language } from './language.js';
import { adviceSection, alarmSection, detailSection, shareSection, tillSection } from './sections.js';
import { style } from './style.js';
import { texts } from './texts.js';

const refreshSeconds = 5;

/**
 * The status page: whole HTML, nothing to load beside it, no script. It refreshes itself every 5 s. Names of devices,
 * ledgers and chains are other people's text and are escaped.
 */
export function statusPage(status: RelayStatus, language: Language, timeZone?: string): string {
	const words = texts[language];
	const reader = { language, timeZone };
	const other: Language = language === 'en' ? 'zh' : 'en';
	const role = status.role === 'hq' ? words.roleHq : words.roleStore;
	const page = html`<!doctype html>
<html lang="${words.htmlLanguage}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="${refreshSeconds}">
<meta name="robots" content="noindex">
<title>${status.name} · ${role}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
<header><h1><bdi>${status.name}</bdi></h1><p class="soft">${role} · <a href="?lang=${other}" lang="${texts[other].htmlLanguage}">${words.otherLanguage}</a></p></header>
${adviceSection(status, reader)}
${alarmSection(status, reader)}
${tillSection(status, reader)}
${shareSection(status, reader)}
${detailSection(status, reader)}
<footer class="soft"><p>${words.refreshed(timeText(status.nowMs, language, timeZone))}</p></footer>
</main>
</body>
</html>
`;
	return page.text;
}
