import type { Copy } from '../../src/inspect/copy.js';
import { findPools, nearestPools, type PoolStory, tellPool } from '../../src/inspect/pool-story.js';
import { cliTexts } from '../relay/cli/texts.js';
import { Wrong } from '../relay/cli/words.js';
import type { Call } from './call.js';
import { openCalled } from './open-data.js';
import { oneLine, tableText, timeText } from './table.js';

const lastByDefault = 20;

/** `tillmesh explain`: 1 where there is no such pool, else 0. */
export async function runExplain(call: Call): Promise<number> {
	const { subject, texts, language } = call;
	const last = call.option('last');
	if (last !== undefined && !/^[1-9]\d{0,8}$/.test(last))
		throw new Wrong(cliTexts[language].wrong.value('--last', last, texts.expected.count));
	const data = await openCalled(call);
	try {
		const copy = await data.copy();
		const stories = findPools(copy, subject).map((pool) => tellPool(copy, pool, Number(last ?? lastByDefault)));
		if (stories.length === 0) return await sayNearest(call, copy);
		if (call.has('json')) await call.say(`${JSON.stringify(stories)}\n`);
		else for (const story of stories) await call.say(`${storyText(story, call)}\n`);
		return 0;
	} finally {
		data.close();
	}
}

async function sayNearest({ subject, texts: { explain: words }, ...call }: Call, copy: Copy): Promise<number> {
	const nearest = nearestPools(copy, subject);
	const more = nearest.length === 0 ? [words.empty] : [words.nearest, ...nearest.map((name) => `  ${oneLine(name)}`)];
	call.complain(`${[words.unknown(oneLine(subject)), ...more].join('\n')}\n`);
	return 1;
}

function storyText(story: PoolStory, { texts: { explain: words } }: Call): string {
	const { ledger, pool, holders, events, more, dropped } = story;
	const having = holders.filter(({ here }) => here !== 0);
	const has = having.map(({ name, here }) => words.has(oneLine(name), here)).join(', ');
	const n = (amount: number) => amount.toLocaleString('en');
	const older = [...(dropped > 0 ? [words.dropped(dropped)] : []), ...(more > 0 ? [words.more(more)] : [])];
	return [
		`${oneLine(ledger)}  ${oneLine(pool)}`,
		'',
		...words.sums(story),
		`${has === '' ? words.nobody : has}.`,
		'',
		tableText(
			words.holders,
			holders.map(({ name, minted, got, spent, held, here }) => [
				oneLine(name),
				n(minted),
				n(got),
				n(spent),
				n(held),
				n(here),
			]),
		),
		events.length === 0 ? words.noEvents : words.events,
		...older.map((line) => `  ${line}`),
		...events.map((event) => {
			const people = event.by.length > 0 ? `, ${words.by(oneLine(event.by.join(', ')))}` : '';
			const did = event.did.length > 0 ? `  [${oneLine(event.did.join(', '))}]` : '';
			return `  ${timeText(event.atMs)}  ${oneLine(event.name)}: ${oneLine(words.event(event))}${people}${did}`;
		}),
		'',
	].join('\n');
}
