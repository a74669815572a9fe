import { type Diagnosis, diagnose, type Finding } from '../../src/inspect/diagnosis.js';
import type { Call } from './call.js';
import { openCalled } from './open-data.js';
import { bytesText, oneLine, tableText, timeText } from './table.js';

/** `tillmesh doctor`: 1 where something is broken, else 0. */
export async function runDoctor(call: Call): Promise<number> {
	const data = await openCalled(call);
	try {
		const diagnosis = diagnose(await data.copy(), call.nowMs());
		await call.say(call.has('json') ? `${JSON.stringify(diagnosis)}\n` : diagnosisText(diagnosis, call));
		return diagnosis.findings.some(({ severity }) => severity === 'error') ? 1 : 0;
	} finally {
		data.close();
	}
}

function diagnosisText(diagnosis: Diagnosis, { texts: { doctor: words } }: Call): string {
	const { kind, chain, device = '', name, bytes, ledgers, findings } = diagnosis;
	const count = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).length;
	const about = [
		`${words.chain}: ${oneLine(chain)}`,
		`${words.device}: ${name === undefined ? device : `${oneLine(name)} (${device})`}`,
		`${words.size}: ${bytesText(bytes)}`,
	];
	const rows = ledgers.map((facts) => [
		oneLine(facts.ledger),
		facts.rows.toLocaleString('en'),
		facts.covered.toLocaleString('en'),
		facts.waiting.toLocaleString('en'),
		bytesText(facts.bytes),
		facts.newestMs === undefined ? '' : timeText(facts.newestMs),
	]);
	return [
		`${words[kind]}. ${about.join(', ')}`,
		'',
		findings.length === 0 ? words.sound : words.counts(count('error'), count('warning'), count('note')),
		'',
		...findings.flatMap((finding) => {
			const { what, next } = words.troubles[finding.code](finding);
			return [`${words.severity[finding.severity]}  ${oneLine(what)}`, `  ${words.next} ${oneLine(next)}`, ''];
		}),
		tableText(words.ledgers, rows),
		words.running,
		'',
	].join('\n');
}
