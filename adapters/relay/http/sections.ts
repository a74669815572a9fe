import { type Alarm, alarmCodes, type RelayPeerStatus, type RelayStatus, type RestingShare } from '../status.js';
import { powerOffAdvice } from './advice.js';
import { agoText, bytesText, countText, durationText, timeText } from './figures.js';
import { html, type Markup } from './html.js';
import type { Language } from './language.js';
import { type Texts, texts } from './texts.js';

/** What every section is written with. */
export interface Reader {
	readonly language: Language;
	/** Undefined for the zone in which the relay stands. */
	readonly timeZone: string | undefined;
}

/** A page of thousands of rows helps nobody, and must not weigh on the relay: what is urgent comes first. */
const rowsMax = 500;

const wordsOf = (reader: Reader): Texts => texts[reader.language];
const timeOf = (ms: number, reader: Reader): string => timeText(ms, reader.language, reader.timeZone);

export function adviceSection(status: RelayStatus, reader: Reader): Markup {
	const words = wordsOf(reader);
	const advice = powerOffAdvice(status);
	const why: string[] = [];
	let answer = words.switchOffYes;
	if (advice.answer === 'no') {
		answer = words.switchOffNo;
		why.push(words.switchOffNoWhy);
	} else if (advice.answer === 'wait') {
		const { entries, oldestMs } = advice.waiting;
		answer = words.switchOffWait;
		why.push(advice.up ? words.switchOffWaitUp(entries) : words.switchOffWaitDown(entries));
		if (oldestMs !== undefined)
			why.push(words.oldest(timeOf(oldestMs, reader), agoText(status.nowMs - oldestMs, reader.language)));
	} else why.push(words.switchOffYesWhy);
	if (!status.listening) why.unshift(words.stopping);
	return html`<section class="${advice.answer}"><h2>${words.switchOff}</h2><p class="answer">${answer}</p>${why.map((text) => html`<p>${text}</p>`)}</section>`;
}

const severity = { critical: 0, warning: 1, info: 2 } as const;

export function alarmSection(status: RelayStatus, reader: Reader): Markup {
	const words = wordsOf(reader);
	const alarms = [...status.alarms].sort((a, b) => severity[a.level] - severity[b.level]).slice(0, rowsMax);
	const list = alarms.map(
		(alarm) =>
			html`<li class="${alarm.level}"><strong>${words.level[alarm.level]}.</strong> <bdi>${alarmText(alarm, words)}</bdi> <span class="soft">(${words.since(timeOf(alarm.sinceMs, reader))})</span></li>`,
	);
	const body = list.length > 0 ? html`<ul>${list}</ul>` : html`<p class="soft">${words.noAlarms}</p>`;
	return html`<section><h2>${words.alarms}</h2>${body}</section>`;
}

/** A code without a sentence is shown with what it carries: better a raw fact than none. */
function alarmText({ code, params }: Alarm, words: Texts): string {
	if (Object.hasOwn(alarmCodes, code)) return words.alarm[code as keyof typeof alarmCodes](params);
	const facts = Object.entries(params).map(([name, value]) => `${name} ${value}`);
	return [code, ...facts].join(', ');
}

export function tillSection(status: RelayStatus, reader: Reader): Markup {
	const words = wordsOf(reader);
	if (status.peers.length === 0)
		return html`<section><h2>${words.tills}</h2><p class="soft">${words.noTills}</p></section>`;
	const rows = [...status.peers]
		.sort((a, b) => Number(a.online) - Number(b.online) || a.name.localeCompare(b.name))
		.slice(0, rowsMax)
		.map((peer) => tillRow(peer, status.nowMs, reader));
	return html`<section><h2>${words.tills}</h2><table><thead><tr><th>${words.till}</th><th>${words.state}</th><th>${words.lastSeen}</th><th>${words.waiting}</th><th>${words.via}</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function tillRow(peer: RelayPeerStatus, nowMs: number, reader: Reader): Markup {
	const { language } = reader;
	const words = wordsOf(reader);
	const waiting = [
		peer.waitingEntries > 0 ? words.waitingThere(peer.waitingEntries) : undefined,
		peer.unackedEntries > 0 ? words.waitingHere(peer.unackedEntries) : undefined,
	].filter((text) => text !== undefined);
	const seen = peer.lastSeenMs === undefined ? words.never : agoText(nowMs - peer.lastSeenMs, language);
	const exact = peer.lastSeenMs === undefined ? '' : timeOf(peer.lastSeenMs, reader);
	const via = peer.rttMs === undefined ? peer.via : `${peer.via}, ${countText(peer.rttMs, language)} ms`;
	const name = peer.name === '' ? peer.device : peer.name;
	return html`<tr><td data-label="${words.till}"><bdi title="${peer.device}">${name}</bdi></td><td data-label="${words.state}"><span class="${peer.online ? 'on' : 'off'}">${peer.online ? words.online : words.offline}</span></td><td data-label="${words.lastSeen}"><span title="${exact}">${seen}</span></td><td data-label="${words.waiting}">${waiting.length > 0 ? waiting.join('; ') : words.nothingWaits}</td><td data-label="${words.via}" class="soft">${via}</td></tr>`;
}

export function shareSection(status: RelayStatus, reader: Reader): Markup {
	const words = wordsOf(reader);
	if (status.sharesAtRest.length === 0)
		return html`<section><h2>${words.shares}</h2><p class="soft">${words.noShares}</p></section>`;
	const rows = status.sharesAtRest.slice(0, rowsMax).map((share) => shareRow(share, reader));
	return html`<section><h2>${words.shares}</h2><table><thead><tr><th>${words.item}</th><th class="number">${words.atRest}</th><th class="number">${words.withTills}</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function shareRow(share: RestingShare, reader: Reader): Markup {
	const words = wordsOf(reader);
	const { language } = reader;
	return html`<tr><td data-label="${words.item}"><bdi>${share.pool}</bdi> <bdi class="soft">${share.ledger}</bdi></td><td class="number" data-label="${words.atRest}">${countText(share.atRest, language)}</td><td class="number" data-label="${words.withTills}">${countText(share.elsewhere, language)}</td></tr>`;
}

export function detailSection(status: RelayStatus, reader: Reader): Markup {
	const words = wordsOf(reader);
	const { language } = reader;
	const { ledgers, disk, counters, free } = status;
	const facts: [string, string][] = [
		[words.upstream, upstreamText(status, reader)],
		[words.address, status.url],
		[words.chain, status.chain],
	];
	if (status.store !== undefined) facts.push([words.store, status.store]);
	const room = disk.freeBytes === undefined ? '' : `, ${words.diskFree(disk.freeBytes)}`;
	facts.push(
		[words.ledgers, words.ledgerTotals(ledgers.count, ledgers.entries, ledgers.bytes)],
		[words.disk, `${disk.ok ? words.diskOk : words.diskFailed}, ${bytesText(disk.usedBytes, language)}${room}`],
		[words.connections, countText(counters.connections, language)],
	);
	if (free) facts.push([words.documents, words.documentTotals(free.documents, free.connections, free.bytes)]);
	const refused = [...Object.entries(counters.rejected), ...Object.entries(counters.limitCloses)];
	if (refused.length > 0) {
		const shown = refused.slice(0, 20).map(([reason, count]) => `${reason} ${countText(count, language)}`);
		facts.push([words.refused, shown.join(', ')]);
	}
	const running = words.running(durationText(status.nowMs - status.startedAtMs, language));
	facts.push([words.device, status.device], [words.version, `${status.version}, ${running}`]);
	return html`<section><h2>${words.details}</h2><dl>${facts.map(([name, fact]) => html`<dt>${name}</dt><dd><bdi>${fact}</bdi></dd>`)}</dl></section>`;
}

function upstreamText({ upstream, nowMs }: RelayStatus, reader: Reader): string {
	const words = wordsOf(reader);
	if (!upstream) return words.upstreamNone;
	const { url, up, lastSeenMs } = upstream;
	if (up) return `${words.upstreamUp}, ${url}`;
	if (lastSeenMs === undefined) return `${words.upstreamNever}, ${url}`;
	return `${words.upstreamDown(agoText(nowMs - lastSeenMs, reader.language))}, ${url}`;
}
