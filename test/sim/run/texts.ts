/** All that the command says, in both languages. History and messages of the simulator itself are English. */
export type Lang = 'en' | 'zh';

const count = (n: number): string => Math.round(n).toLocaleString('en-US');
const rate = (n: number): string => (n < 100 ? n.toFixed(1) : count(n));

/** `1 h 04 min`, `58 s`. */
function span(ms: number, [h, min, s]: readonly [string, string, string]): string {
	const seconds = Math.round(ms / 1_000);
	if (seconds < 120) return `${seconds} ${s}`;
	const minutes = Math.round(seconds / 60);
	if (minutes < 120) return `${minutes} ${min}`;
	return `${Math.floor(minutes / 60)} ${h} ${String(minutes % 60).padStart(2, '0')} ${min}`;
}

const years = (ms: number): string => (ms / (365 * 86_400_000)).toFixed(1);

interface Progress {
	readonly done: number;
	readonly of: number;
	readonly perSecond: number;
	readonly violations: number;
	readonly leftMs: number;
}

interface Totals {
	readonly seeds: number;
	readonly steps: number;
	readonly frames: number;
	readonly virtualMs: number;
	readonly realMs: number;
	readonly cores: number;
	readonly perSecond: number;
}

interface FaultTotals {
	readonly name: string;
	readonly times: number;
	readonly percent: number;
	readonly wantedPercent: number;
}

const en = {
	help: `npm run sim -- [options]     plays the chain of shops under faults; all that happens comes from the seed

  --seeds N            play N seeds (500)
  --from S             the first of them (1)
  --keep-going         not only until 5 different failures are found
  --real-keys          real hashes, signatures and ciphers, which take longer; with --seed too
  --record             write the figures into bench/RESULTS.md

  --seed X             play one seed and tell what happens
  --steps 3,17,20      only these of its steps (or: none)
  --without delay,...  without these of its faults
  --shrink             find the least of it that fails

  --speed              seeds a second and core: 1 store, 4 tills, 100 actions
  --mutants            plant bugs, and count the seeds until each is found
  --history            with --seeds: the whole history of each failing seed
  --cores N  --json (npm run -s sim -- --json)  --lang en|zh  --help

Exit code: 0 all held, 1 something did not or was never tried, 2 wrong arguments.`,
	badLang: (lang: string) => `--lang ${lang}: there are en and zh.`,
	notTogether: (a: string, b: string) => `${a} does not go with ${b}. See --help.`,
	needsSeed: (option: string) => `${option} is about one seed: add --seed X.`,
	positional: (text: string) => `"${text}" belongs to no option. Options come after "--": npm run sim -- --seeds 100`,
	unknownOption: (option: string, nearest: string | undefined) =>
		`there is no option ${option}${nearest ? `; --${nearest}?` : '.'} See --help.`,
	valueMissing: (option: string) => `${option} needs a value. See --help.`,
	noValue: (option: string) => `${option} takes no value.`,
	badNumber: (option: string, text: string, least: number, most: number) =>
		`${option} ${text}: a whole number from ${least} to ${most}, please.`,
	badSteps: (text: string) =>
		`--steps ${text}: numbers of steps with commas between them, as in 3,17,20 or 3-17,20, or none.`,
	badFault: (text: string, all: string) => `--without ${text}: no such fault. There are ${all}.`,

	progress: ({ done, of, perSecond, violations, leftMs }: Progress) =>
		`${count(done)} of ${count(of)} seeds, ${rate(perSecond)}/s, ${violations} violations, ${span(leftMs, ['h', 'min', 's'])} left`,
	totals: ({ seeds, steps, frames, virtualMs, realMs, cores, perSecond }: Totals) =>
		`${count(seeds)} seeds in ${span(realMs, ['h', 'min', 's'])} on ${cores} cores, ${rate(perSecond)} seeds/s: ${count(steps)} steps, ${count(frames)} frames, ${years(virtualMs)} virtual years`,
	hash: (hash: string, from: number, to: number) => `hash ${hash} (seeds ${from} to ${to})`,
	faultHead: ['fault', 'times', 'in seeds', 'allowed in'],
	fault: ({ name, times, percent, wantedPercent }: FaultTotals) => [
		name,
		count(times),
		`${percent.toFixed(0)} %`,
		`${wantedPercent} %`,
	],
	propertiesInPlay: 'properties, and in how many seeds each was in play:',
	allHeld: (inPlay: number, all: number) =>
		inPlay === all ? `all ${all} properties held` : `the ${inPlay} of ${all} properties that were in play held`,
	neverProperty: (property: number, statement: string) => `never in play: property ${property}, ${statement}`,
	neverFault: (name: string) => `never in play: fault ${name}`,
	failed: (n: number, of: number) => `${count(n)} of ${count(of)} seeds failed`,
	stoppedEarly: 'stopped after 5 different failures; --keep-going goes on',
	interrupted: 'stopped by hand; what was never in play is not judged',

	violation: (seed: number, property: number, statement: string) =>
		property === 0 ? `seed ${seed}: ${statement}` : `seed ${seed}, property ${property}: ${statement}`,
	alike: (n: number, seeds: string) => `${count(n)} more fail alike: ${seeds}`,
	replay: (command: string) => `replay    ${command}`,
	smaller: (command: string) => `smaller   ${command}`,
	shrinking: (seed: number) => `seed ${seed}: leaving out what it does not need ...`,
	shrunk: (steps: number, of: number, plays: number, isDone: boolean) =>
		`${steps} of ${of} steps are enough, found in ${plays} plays${isDone ? '' : '; time was up before all was tried'}:`,
	unsteady: (seed: number) =>
		`seed ${seed} did otherwise when played again: something in the simulator is left to real chance or time`,
	notShown: (lines: number) => `(${lines} lines left out; the replay tells all)`,
	playedOne: (seed: number, steps: number, hash: string) => `seed ${seed}: ${steps} steps, hash ${hash}`,
	held: 'all held',

	speed: (kind: string, perSecondAndCore: number, seeds: number) =>
		`${kind}: ${rate(perSecondAndCore)} seeds a second and core (${count(seeds)} seeds of 1 store, 4 tills, 100 actions)`,
	speedKinds: {
		mesh: 'tills among themselves',
		relay: 'with a relay',
		bare: 'nothing breaks and nobody watches',
	},
	recorded: 'written into bench/RESULTS.md',
};

export type Texts = typeof en;

const zh: Texts = {
	help: `npm run sim -- [选项]     在各种故障下运行模拟连锁店；一切均由种子决定

  --seeds N            运行 N 个种子（500）
  --from S             起始种子（1）
  --keep-going         发现 5 种不同失败后不停止
  --real-keys          使用真实的哈希、签名和加密，耗时更长；也可与 --seed 同用
  --record             把数字写入 bench/RESULTS.md

  --seed X             只运行一个种子，并讲述经过
  --steps 3,17,20      只保留这些步骤（或 none）
  --without delay,...  去掉这些故障
  --shrink             找出仍会失败的最小部分

  --speed              每秒每核种子数：1 店、4 台收银机、100 次操作
  --mutants            植入缺陷，统计各需多少种子才被发现
  --history            与 --seeds 同用：打印每个失败种子的完整经过
  --cores N  --json（npm run -s sim -- --json）  --lang en|zh  --help

退出码：0 全部成立；1 有不成立或从未触及的；2 参数有误。`,
	badLang: (lang) => `--lang ${lang}：只有 en 和 zh。`,
	notTogether: (a, b) => `${a} 不能与 ${b} 同用。见 --help。`,
	needsSeed: (option) => `${option} 针对单个种子：请加 --seed X。`,
	positional: (text) => `“${text}”不属于任何选项。选项写在“--”之后：npm run sim -- --seeds 100`,
	unknownOption: (option, nearest) => `没有选项 ${option}${nearest ? `；是 --${nearest} 吗？` : '。'}见 --help。`,
	valueMissing: (option) => `${option} 需要一个值。见 --help。`,
	noValue: (option) => `${option} 不带值。`,
	badNumber: (option, text, least, most) => `${option} ${text}：请给 ${least} 到 ${most} 之间的整数。`,
	badSteps: (text) => `--steps ${text}：请用逗号分隔步骤编号，如 3,17,20 或 3-17,20，或 none。`,
	badFault: (text, all) => `--without ${text}：没有这种故障。可用：${all}。`,

	progress: ({ done, of, perSecond, violations, leftMs }) =>
		`种子 ${count(done)}/${count(of)}，${rate(perSecond)} 个/秒，违例 ${violations}，还需 ${span(leftMs, ['小时', '分', '秒'])}`,
	totals: ({ seeds, steps, frames, virtualMs, realMs, cores, perSecond }) =>
		`${count(seeds)} 个种子，用时 ${span(realMs, ['小时', '分', '秒'])}，${cores} 核，${rate(perSecond)} 个/秒：${count(steps)} 步，${count(frames)} 帧，虚拟时间 ${years(virtualMs)} 年`,
	hash: (hash, from, to) => `哈希 ${hash}（种子 ${from} 至 ${to}）`,
	faultHead: ['故障', '次数', '占种子', '允许'],
	fault: en.fault,
	propertiesInPlay: '性质，各在多少个种子中受到检验：',
	allHeld: (inPlay, all) => (inPlay === all ? `${all} 条性质全部成立` : `${all} 条性质中触及 ${inPlay} 条，均成立`),
	neverProperty: (property, statement) => `从未触及：性质 ${property}，${statement}`,
	neverFault: (name) => `从未触及：故障 ${name}`,
	failed: (n, of) => `${count(of)} 个种子中 ${count(n)} 个失败`,
	stoppedEarly: '已发现 5 种不同失败，停止；加 --keep-going 可继续',
	interrupted: '手动停止；不判定从未触及的项',

	violation: (seed, property, statement) =>
		property === 0 ? `种子 ${seed}：${statement}` : `种子 ${seed}，性质 ${property}：${statement}`,
	alike: (n, seeds) => `另有 ${count(n)} 个同样失败：${seeds}`,
	replay: (command) => `重放    ${command}`,
	smaller: (command) => `最小    ${command}`,
	shrinking: (seed) => `种子 ${seed}：正在去掉无关部分……`,
	shrunk: (steps, of, plays, isDone) =>
		`${of} 步中 ${steps} 步即可重现，试了 ${plays} 次${isDone ? '' : '；时间用完，未试遍'}：`,
	unsteady: (seed) => `种子 ${seed} 重放结果不同：模拟器中有东西取决于真实的随机或时间`,
	notShown: (lines) => `（略去 ${lines} 行；重放可见全部）`,
	playedOne: (seed, steps, hash) => `种子 ${seed}：${steps} 步，哈希 ${hash}`,
	held: '全部成立',

	speed: (kind, perSecondAndCore, seeds) =>
		`${kind}：每秒每核 ${rate(perSecondAndCore)} 个种子（${count(seeds)} 个种子，1 店、4 台收银机、100 次操作）`,
	speedKinds: { mesh: '收银机互连', relay: '经中继', bare: '无故障、无检验' },
	recorded: '已写入 bench/RESULTS.md',
};

export const texts: Readonly<Record<Lang, Texts>> = { en, zh };
