import { expect, test, vi } from 'vitest';
import { webRtc } from '../../../adapters/link-webrtc/index.js';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { until } from '../../contract/check.js';
import { MeetingPlace, SignalHub } from './signal-hub.js';

vi.mock('node-datachannel/polyfill', () => {
	throw new Error('Cannot find package');
});

test('where node-datachannel is missing it finds nobody, and says unavailable and what to install', async () => {
	const hub = new SignalHub();
	hub.join('b');
	const problems: Error[] = [];
	const source = webRtc({ onProblem: (problem) => problems.push(problem) });
	const place = new MeetingPlace('a', hub.join('a'), nodePlatform().timers, () => {
		throw new Error('found somebody');
	});
	source.discover(place);
	await until(() => source.problem !== undefined, 'a problem');
	expect(source.problem).toMatchObject({ code: 'unavailable', details: { missing: 'node-datachannel' } });
	expect(source.problem?.message).toContain('npm install node-datachannel');
	expect(problems).toEqual([source.problem]);
	expect(place.links.size).toBe(0);
	source.stop();
});
