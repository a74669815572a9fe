import type { Language } from '../http/language.js';
import { type OptionName, optionSpecs } from './options.js';

type OtherCommand =
	| 'export'
	| 'verify-log'
	| 'doctor'
	| 'explain'
	| 'chain init'
	| 'chain store'
	| 'chain device'
	| 'enrol serve'
	| 'enrol renew'
	| 'enrol answer';

export interface CliTexts {
	readonly usage: string;
	readonly about: string;
	readonly examples: string;
	/** Heading of what else the command does, and that. */
	readonly others: string;
	readonly other: Readonly<Record<OtherCommand, string>>;
	readonly required: string;
	readonly optionHelp: Readonly<Record<OptionName, string>>;
	readonly wrong: {
		readonly noCommand: string;
		readonly command: (name: string) => string;
		readonly option: (name: string) => string;
		readonly extra: (word: string) => string;
		readonly missing: (option: string) => string;
		readonly noValue: (option: string) => string;
		readonly noFlagValue: (option: string) => string;
		readonly twice: (option: string) => string;
		readonly value: (option: string, value: string, expected: string) => string;
		readonly together: string;
		readonly notBoth: string;
		readonly keyNeedsStore: string;
		readonly file: (file: string, why: string) => string;
		readonly seeHelp: string;
	};
	readonly expected: {
		readonly address: string;
		readonly upstream: string;
		readonly origin: string;
		readonly pattern: string;
		readonly count: string;
		readonly bytes: string;
		readonly oneOf: (values: readonly string[]) => string;
	};
	readonly banner: {
		readonly running: (version: string) => string;
		readonly tills: string;
		readonly page: string;
		readonly data: string;
		readonly dataHint: string;
		readonly upstream: string;
		readonly alone: string;
		readonly chain: string;
		readonly homes: string;
		readonly noHomes: string;
		readonly plainHint: string;
		readonly howToStop: string;
	};
	readonly stopping: string;
	readonly stillStopping: (seconds: number) => string;
	readonly stopped: string;
	readonly stoppedAtOnce: string;
	readonly failed: (why: string) => string;
}

const en: CliTexts = {
	usage: 'Usage: tillmesh relay --data DIR --listen HOST:PORT [options]',
	about:
		'Runs a relay: the box in a store that tills sync through, or the one at headquarters.\nIt keeps every entry in the data folder and passes it on. Tills go on selling without it.',
	examples: 'Examples:',
	others: 'Other commands, each with a --help of its own:',
	other: {
		export: 'who did what, when, on which device: as a file that anybody can check',
		'verify-log': 'checks such a file and names the first thing that is wrong with it',
		doctor: 'what is wrong with a till or a relay, and what to do next',
		explain: 'where the units of something scarce came from, went to, and are',
		'chain init': 'makes the root key of a chain, so that devices may do what their certificates say',
		'chain store': 'makes the key of a store, with which its devices are enrolled',
		'chain device': 'gives a device of headquarters its certificate',
		'enrol serve': 'gives a new device of a store its certificate, over the LAN',
		'enrol answer': 'the same without a network',
		'enrol renew': 'renews the certificates of a store, over the LAN, without a code',
	},
	required: 'required',
	optionHelp: {
		data: 'folder of this relay alone; made where it is missing',
		listen: 'where tills connect: 0.0.0.0:7443 for the whole LAN, 127.0.0.1:7443 for this machine',
		chain: 'name of the chain, the same on every till (default: main)',
		store: 'the store that this box stands in, such as sh-014',
		hq: 'this relay is headquarters',
		name: 'how people call it (default: the store)',
		upstream: 'the relay above: wss://hq.example.com; again for other addresses of the same',
		home: 'ledgers that shares rest in here, such as stock/sh-014 or "*/sh-014"; may come again',
		origin: 'web pages that may connect, such as https://till.example.com; may come again',
		'tls-cert': 'certificate (PEM); with it tills connect by wss://',
		'tls-key': 'its key (PEM)',
		'store-key': "the store's key from tillmesh chain store: nobody is believed further than certificates go",
		'max-connections': 'connections at a time',
		'max-ledger-bytes': 'size of one ledger, such as 64MiB',
		'max-device-entries-per-day': 'entries that one device may bring in a day',
		'log-level': 'debug, info, warn, error or silent (default: info)',
		'log-file': 'log as JSON lines into this file instead of to stderr',
		lang: 'language of messages and of the status page',
		help: 'this text',
		version: 'the version',
	},
	wrong: {
		noCommand: 'Say what to do: tillmesh relay',
		command: (name) =>
			`There is no command "${name}". There is: tillmesh relay, export, verify-log, doctor, explain, chain, enrol`,
		option: (name) => `There is no option ${name}.`,
		extra: (word) => `"${word}" belongs to no option.`,
		missing: (option) => `${option} is missing.`,
		noValue: (option) => `${option} needs a value.`,
		noFlagValue: (option) => `${option} takes no value.`,
		twice: (option) => `${option} was given twice.`,
		value: (option, value, expected) => `${option} is "${value}", expected ${expected}.`,
		together: '--tls-cert and --tls-key belong together: one is missing.',
		notBoth: '--store and --hq exclude each other.',
		keyNeedsStore: '--store-key needs --store: the key is of one store.',
		file: (file, why) => `${file} cannot be read: ${why}.`,
		seeHelp: 'See: tillmesh relay --help',
	},
	expected: {
		address: 'HOST:PORT, such as 0.0.0.0:7443',
		upstream: 'an address that begins with wss:// or ws://',
		origin: 'an origin, such as https://till.example.com',
		pattern: 'kind/scope, such as stock/sh-014 or */sh-014',
		count: 'a whole number from 1',
		bytes: 'a number of bytes, such as 67108864 or 64MiB',
		oneOf: (values) => values.join(', '),
	},
	banner: {
		running: (version) => `The relay is running (tillmesh ${version}).`,
		tills: 'Tills connect to',
		page: 'Status page',
		data: 'Everything is in',
		dataHint: 'Keep this folder: it holds every sale that tills have brought.',
		upstream: 'Passes on to',
		alone: 'nobody: there is no relay above this one',
		chain: 'Chain',
		homes: 'Shares rest here for',
		noHomes: 'no ledger: it stores and passes on only',
		plainHint:
			'What tills send is encrypted without a certificate too. The status page and free/ documents are not, and pages that came by https cannot connect: see --tls-cert.',
		howToStop: 'To stop it press Ctrl+C: it saves first. Tills go on selling meanwhile.',
	},
	stopping: 'Stopping: nothing new is taken, what is under way is saved. Press Ctrl+C again to stop at once.',
	stillStopping: (seconds) => `Still saving (${seconds} s).`,
	stopped: 'Stopped. Everything that was acknowledged is on disk.',
	stoppedAtOnce: 'Stopped at once. What was acknowledged is on disk; tills bring the rest again.',
	failed: (why) => `The relay could not go on: ${why}`,
};

const zh: CliTexts = {
	usage: '用法：tillmesh relay --data 目录 --listen 主机:端口 [选项]',
	about:
		'运行一个中继：门店里供收银机同步的机器，或总部的中继。\n它把每条记录保存在数据目录里并继续上传。没有它，收银机照常收银。',
	examples: '示例：',
	others: '其他命令，各有自己的 --help：',
	other: {
		export: '谁在何时、用哪台设备做了什么：导出为任何人都能核对的文件',
		'verify-log': '核对这样的文件，指出第一处问题',
		doctor: '某台收银机或中继有什么问题，下一步怎么办',
		explain: '某项稀缺数量从哪里来、到哪里去、现在在谁那里',
		'chain init': '为连锁生成根密钥，使设备只能做证书允许的事',
		'chain store': '生成门店的密钥，用它给店里的设备签发证书',
		'chain device': '给总部的设备签发证书',
		'enrol serve': '在局域网上给门店的新设备签发证书',
		'enrol answer': '没有网络时的同一件事',
		'enrol renew': '在局域网上为门店的设备续期证书，不需要一次性码',
	},
	required: '必填',
	optionHelp: {
		data: '本中继专用的目录；不存在时自动创建',
		listen: '收银机连接的地址：整个局域网用 0.0.0.0:7443，仅本机用 127.0.0.1:7443',
		chain: '连锁名称，与每台收银机相同（默认 main）',
		store: '本机所在的门店，例如 sh-014',
		hq: '本中继是总部',
		name: '显示的名称（默认为门店）',
		upstream: '上级中继：wss://hq.example.com；同一上级的其他地址可重复给出',
		home: '份额存放在此的账本，例如 stock/sh-014 或 "*/sh-014"；可重复',
		origin: '允许连接的网页来源，例如 https://till.example.com；可重复',
		'tls-cert': '证书（PEM）；有证书时收银机用 wss:// 连接',
		'tls-key': '证书的私钥（PEM）',
		'store-key': '门店密钥（tillmesh chain store 生成）：任何设备只能做证书允许的事',
		'max-connections': '同时的连接数',
		'max-ledger-bytes': '单个账本的大小，例如 64MiB',
		'max-device-entries-per-day': '每台设备每天可带来的记录数',
		'log-level': 'debug、info、warn、error 或 silent（默认 info）',
		'log-file': '把日志以 JSON 行写入此文件，而不是 stderr',
		lang: '提示和状态页的语言',
		help: '显示本说明',
		version: '显示版本',
	},
	wrong: {
		noCommand: '请说明要做什么：tillmesh relay',
		command: (name) =>
			`没有“${name}”这个命令。可用的是：tillmesh relay、export、verify-log、doctor、explain、chain、enrol`,
		option: (name) => `没有 ${name} 这个选项。`,
		extra: (word) => `“${word}”不属于任何选项。`,
		missing: (option) => `缺少 ${option}。`,
		noValue: (option) => `${option} 需要一个值。`,
		noFlagValue: (option) => `${option} 不带值。`,
		twice: (option) => `${option} 给出了两次。`,
		value: (option, value, expected) => `${option} 是“${value}”，应为${expected}。`,
		together: '--tls-cert 和 --tls-key 必须一起给出，现在缺一个。',
		notBoth: '--store 和 --hq 不能同时使用。',
		keyNeedsStore: '--store-key 需要同时给出 --store：密钥属于某一家门店。',
		file: (file, why) => `无法读取 ${file}：${why}。`,
		seeHelp: '请看：tillmesh relay --help',
	},
	expected: {
		address: '主机:端口，例如 0.0.0.0:7443',
		upstream: '以 wss:// 或 ws:// 开头的地址',
		origin: '网页来源，例如 https://till.example.com',
		pattern: '类别/范围，例如 stock/sh-014 或 */sh-014',
		count: '从 1 起的整数',
		bytes: '字节数，例如 67108864 或 64MiB',
		oneOf: (values) => `以下之一：${values.join('、')}`,
	},
	banner: {
		running: (version) => `中继正在运行（tillmesh ${version}）。`,
		tills: '收银机连接地址',
		page: '状态页',
		data: '数据都保存在',
		dataHint: '请保留这个目录：收银机带来的每一笔都在里面。',
		upstream: '上传到',
		alone: '无：上面没有别的中继',
		chain: '连锁',
		homes: '份额存放在此的账本',
		noHomes: '无：只保存和转发',
		plainHint:
			'没有证书，收银机之间的内容也是加密的；状态页和 free/ 文档没有加密，https 打开的网页也无法连接：见 --tls-cert。',
		howToStop: '按 Ctrl+C 停止：它会先保存。期间收银机照常收银。',
	},
	stopping: '正在停止：不再接收新记录，正在保存。再按一次 Ctrl+C 立即停止。',
	stillStopping: (seconds) => `仍在保存（${seconds} 秒）。`,
	stopped: '已停止。所有已确认的记录都在硬盘上。',
	stoppedAtOnce: '已立即停止。已确认的记录都在硬盘上，其余的收银机会再带来。',
	failed: (why) => `中继无法继续：${why}`,
};

export const cliTexts: Readonly<Record<Language, CliTexts>> = { en, zh };

export function helpText(language: Language): string {
	const words = cliTexts[language];
	const left = Object.entries(optionSpecs).map(([name, spec]) =>
		'value' in spec ? `  --${name} ${spec.value}` : `  --${name}`,
	);
	const width = Math.max(...left.map(({ length }) => length)) + 2;
	const options = Object.entries(optionSpecs).map(([name, spec], i) => {
		const text = words.optionHelp[name as OptionName]; // a key of the specs is one
		const note = 'required' in spec ? ` (${words.required})` : '';
		return `${(left[i] ?? '').padEnd(width)}${text}${note}`;
	});
	return [
		words.usage,
		'',
		words.about,
		'',
		...options,
		'',
		words.examples,
		'  tillmesh relay --data ./data --listen 0.0.0.0:7443 --store sh-014 --upstream wss://hq.example.com',
		'  tillmesh relay --data ./data --listen 0.0.0.0:7443 --hq --tls-cert cert.pem --tls-key key.pem',
		'',
		words.others,
		...Object.entries(words.other).map(([name, what]) => `  ${`tillmesh ${name}`.padEnd(24)}${what}`),
		'',
	].join('\n');
}
