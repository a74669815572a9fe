import type { NetworkInterfaceInfo } from 'node:os';
import type { Language } from '../http/language.js';
import type { RelayCommand } from './options.js';
import { cliTexts } from './texts.js';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Addresses that somebody at a till can type: one that listens everywhere names none by itself. */
export function reachableUrls(url: string, interfaces: Interfaces): string[] {
	const { protocol, hostname, port } = new URL(url);
	if (hostname !== '0.0.0.0' && hostname !== '[::]') return [url.replace(/\/$/, '')];
	const hosts = Object.values(interfaces)
		.flatMap((addresses) => addresses ?? [])
		.filter(({ internal, family }) => !internal && family === 'IPv4')
		.map(({ address }) => address);
	return (hosts.length > 0 ? hosts : ['127.0.0.1']).map((host) => `${protocol}//${host}:${port}`);
}

/** What a tired person needs in front of a black window: where tills connect, where things are, how to stop. */
export function bannerText(
	{ relay, tls }: RelayCommand,
	started: { readonly version: string; readonly urls: readonly string[]; readonly homes: readonly string[] },
	language: Language,
): string {
	const words = cliTexts[language].banner;
	const { upstream = [] } = relay;
	const above = typeof upstream === 'string' ? [upstream] : upstream;
	const facts: [string, readonly string[]][] = [
		[words.tills, started.urls],
		[words.page, started.urls.map((url) => `${url.replace(/^ws/, 'http')}/`)],
		[words.data, [relay.data, words.dataHint]],
		[words.upstream, above.length > 0 ? above : [words.alone]],
		[words.homes, started.homes.length > 0 ? started.homes : [words.noHomes]],
		[words.chain, [relay.chain]],
	];
	const width = Math.max(...facts.map(([name]) => columns(name))) + 3;
	const lines = facts.flatMap(([name, values]) =>
		values.map((value, i) => `  ${i === 0 ? name + ' '.repeat(width - columns(name)) : ' '.repeat(width)}${value}`),
	);
	const isOpen = tls === undefined && started.urls.some((url) => !/^ws:\/\/(127\.|localhost|\[::1\])/.test(url));
	const hint = isOpen ? [words.plainHint] : [];
	return ['', words.running(started.version), '', ...lines, '', ...hint, words.howToStop, '', ''].join('\n');
}

/** Chinese characters are two columns wide in a terminal. */
export const columns = (text: string): number =>
	[...text].reduce((sum, character) => sum + (character > '\u2e80' ? 2 : 1), 0);
