/** A relay as a process of its own, to see what it costs. Argument: its folder. Says `open URL`; answers each line with its status. */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type RelayStatus, startRelay } from 'tillmesh/relay';

/** What it answers, after the line it was asked with. */
export interface Told {
	readonly status: RelayStatus;
	readonly rssBytes: number;
}

async function run(data: string): Promise<void> {
	const relay = await startRelay({ data, chain: 'chain', homes: [], limits: { unprovenMs: 1_500 } });
	writeSync(1, `open ${relay.url}\n`);
	for await (const line of createInterface({ input: process.stdin })) {
		const told: Told = { status: relay.status(), rssBytes: process.memoryUsage().rss };
		writeSync(1, `${line} ${JSON.stringify(told)}\n`);
	}
}

// Imported by its test for what it says.
if (/refusing-relay[^/]*\.m?[jt]s$/.test(process.argv[1] ?? '')) await run(process.argv[2] ?? '');
