/**
 * `npm run attacks [-- --frames N] [--write]`
 *
 * Plays every attack of docs/SECURITY.md against running relays and tills, and prints what was tried and what came of it.
 * `--frames`: mutated frames, 20,000 unless given. `--write` puts the table into the page, in English and in Chinese.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Tried } from '../test/scenario/attacks/tally.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
	options: { frames: { type: 'string', default: '20000' }, write: { type: 'boolean', default: false } },
});
/** Read before the run: while it runs, it is the load. */
const load = (loadavg()[0] ?? 0).toFixed(1);
const frames = Number(values.frames);
if (!Number.isSafeInteger(frames) || frames < 1_000) throw new TypeError('--frames: expected a number from 1,000 on.');

/** Each as it stands in the report, in order, and in Chinese. */
const threats: Readonly<Record<string, string>> = {
	listening: '旁听局域网',
	'man in the middle': '中间人',
	'replayed handshake': '重放握手',
	'changed on the way': '途中篡改',
	downgrade: '降级到旧版本',
	'stolen credential': '盗用证书',
	'stale credential': '过期或未生效的证书',
	'claims to be more than it is': '冒充中继、总部或档案',
	'stolen till, revoked': '被盗收银机（已吊销）',
	"another store's till": '别家门店的收银机',
	'forged author': '伪造作者',
	'edited history': '篡改历史',
	'deleted sale': '删除销售',
	'false checkpoint': '伪造检查点',
	'two stories': '对两方说两套话',
	'beyond its limit': '超出证书额度',
	'enrolling without the code': '没有一次性码的登记',
	'warehouse reading members': '仓库读取会员',
	'relay withholds': '中继扣留',
	'relay drops, reorders': '中继丢弃、乱序',
	'relay lies in acknowledgements': '中继谎报确认',
	'mutated frames': '变异帧',
	'frame flood': '帧洪水',
	'connection flood': '连接洪水',
	'slow-loris': '慢速连接',
};

function play(): Tried[] {
	const folder = mkdtempSync(join(tmpdir(), 'attacks-'));
	const report = join(folder, 'report.ndjson');
	writeFileSync(report, '');
	try {
		// One file after the other: floods are measured.
		const files = ['test/scenario/attacks', 'test/scenario/passer-by.test.ts'];
		execFileSync('npx', ['vitest', 'run', '--no-file-parallelism', ...files], {
			cwd: root,
			stdio: 'inherit',
			env: { ...process.env, ATTACKS_REPORT: report, ATTACKS_FRAMES: String(frames), ATTACKS_FLOOD_MS: '10000' },
		});
		const lines = readFileSync(report, 'utf8').split('\n').filter(Boolean);
		return lines.map((line) => JSON.parse(line) as Tried);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** One row for each threat at each place. */
function summed(all: readonly Tried[]): Tried[] {
	const rows = new Map<string, Tried>();
	for (const tried of all) {
		if (!(tried.threat in threats)) throw new TypeError(`"${tried.threat}" has no place in the table.`);
		const key = `${tried.threat} ${tried.where}`;
		const known = rows.get(key);
		rows.set(
			key,
			known ? { ...known, acts: known.acts + tried.acts, outcome: both(known.outcome, tried.outcome) } : tried,
		);
	}
	const order = Object.keys(threats);
	for (const threat of order)
		if (![...rows.values()].some((row) => row.threat === threat)) throw new Error(`${threat} was not tried.`);
	return [...rows.values()].sort((a, b) => order.indexOf(a.threat) - order.indexOf(b.threat));
}

function both(a: Tried['outcome'], b: Tried['outcome']): Tried['outcome'] {
	if (typeof a === 'string' || typeof b === 'string') return typeof a === 'string' ? a : b;
	const sum: Record<string, number> = { ...a };
	for (const [what, times] of Object.entries(b)) sum[what] = (sum[what] ?? 0) + times;
	return sum;
}

const number = (n: number): string => n.toLocaleString('en-US');
const wordsOf = (outcome: Tried['outcome']): string =>
	typeof outcome === 'string'
		? outcome
		: Object.entries(outcome)
				.map(([what, times]) =>
					/^[a-z]+(_[a-z]+)+$/.test(what) ? `\`${what}\` ${number(times)}` : `${what} ${number(times)}`,
				)
				.join(', ');

function tableOf(rows: readonly Tried[], isChinese: boolean): string {
	const head = isChinese ? '| 威胁 | 何处 | 次数 | 结果 |' : '| threat | at | hostile acts | what became of them |';
	const nameOf = ({ threat }: Tried) => (isChinese ? threats[threat] : threat);
	const lines = rows.map((row) => `| ${nameOf(row)} | ${row.where} | ${number(row.acts)} | ${wordsOf(row.outcome)} |`);
	return [head, '|---|---|---|---|', ...lines].join('\n');
}

const begin = '<!-- attacks -->\n';

function put(page: string, table: string): void {
	const path = join(root, page);
	const text = readFileSync(path, 'utf8');
	const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf('<!-- /attacks -->')];
	if (from < begin.length || to < from) throw new Error(`${page} has no place for the table.`);
	const date = new Date().toISOString().slice(0, 10);
	const command = `npm run attacks -- --frames ${frames} --write`;
	const head = `\`${command}\`, ${date}, load ${load} before.`;
	writeFileSync(path, `${text.slice(0, from)}\n${head}\n\n${table}\n${text.slice(to)}`);
}

const rows = summed(play());
console.log(tableOf(rows, false));
const acts = rows.reduce((sum, row) => sum + row.acts, 0);
console.log(`\n${number(acts)} hostile acts.`);
if (values.write) {
	put('docs/SECURITY.md', tableOf(rows, false));
	put('docs/zh-CN/SECURITY.md', tableOf(rows, true));
}
