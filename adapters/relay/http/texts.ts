import type { AlarmCode } from '../status.js';
import { bytesText, countText, durationText } from './figures.js';
import type { Language } from './language.js';

type Params = Readonly<Record<string, string | number>>;

/** Every sentence of the status page in one language. */
export interface Texts {
	readonly htmlLanguage: string;
	readonly roleStore: string;
	readonly roleHq: string;
	readonly switchOff: string;
	readonly switchOffYes: string;
	readonly switchOffYesWhy: string;
	readonly switchOffWait: string;
	readonly switchOffWaitUp: (entries: number) => string;
	readonly switchOffWaitDown: (entries: number) => string;
	readonly oldest: (time: string, ago: string) => string;
	readonly switchOffNo: string;
	readonly switchOffNoWhy: string;
	readonly stopping: string;
	readonly alarms: string;
	readonly noAlarms: string;
	readonly since: (time: string) => string;
	readonly alarm: Readonly<Record<AlarmCode, (params: Params) => string>>;
	readonly level: { readonly info: string; readonly warning: string; readonly critical: string };
	readonly tills: string;
	readonly noTills: string;
	readonly till: string;
	readonly state: string;
	readonly online: string;
	readonly offline: string;
	readonly lastSeen: string;
	readonly never: string;
	readonly waiting: string;
	readonly waitingThere: (entries: number) => string;
	readonly waitingHere: (entries: number) => string;
	readonly nothingWaits: string;
	readonly via: string;
	readonly roundTrip: string;
	readonly shares: string;
	readonly noShares: string;
	readonly item: string;
	readonly atRest: string;
	readonly withTills: string;
	readonly upstream: string;
	readonly upstreamUp: string;
	readonly upstreamDown: (ago: string) => string;
	readonly upstreamNever: string;
	readonly upstreamNone: string;
	readonly details: string;
	readonly address: string;
	readonly chain: string;
	readonly store: string;
	readonly device: string;
	readonly version: string;
	readonly running: (duration: string) => string;
	readonly ledgers: string;
	readonly ledgerTotals: (count: number, entries: number, bytes: number) => string;
	readonly disk: string;
	readonly diskOk: string;
	readonly diskFailed: string;
	readonly diskFree: (bytes: number) => string;
	readonly connections: string;
	readonly refused: string;
	readonly documents: string;
	readonly documentTotals: (documents: number, connections: number, bytes: number) => string;
	readonly refreshed: (time: string) => string;
	readonly otherLanguage: string;
}

/** `12 entries`, `1 entry`. */
const entriesEn = (count: number): string => `${countText(count, 'en')} ${count === 1 ? 'entry' : 'entries'}`;
const bytesOf = (params: Params, name: string, language: Language): string =>
	bytesText(Number(params[name] ?? 0), language);
const countOf = (params: Params, name: string, language: Language): string =>
	countText(Number(params[name] ?? 0), language);

const en: Texts = {
	htmlLanguage: 'en',
	roleStore: 'Relay of the store',
	roleHq: 'Relay of headquarters',
	switchOff: 'May I switch this box off?',
	switchOffYes: 'Yes',
	switchOffYesWhy: 'Everything is saved and passed on. Tills go on selling without it, and catch up when it is back.',
	switchOffWait: 'Better wait',
	switchOffWaitUp: (entries) => `${entriesEn(entries)} on their way to headquarters now. Look again in a minute.`,
	switchOffWaitDown: (entries) =>
		`${entriesEn(entries)} not yet at headquarters, and the line is down. They are safe on this disk and go up when box and line are back.`,
	oldest: (time, ago) => `The oldest is of ${time} (${ago}).`,
	switchOffNo: 'No. Call somebody',
	switchOffNoWhy:
		'The disk no longer saves. Tills go on selling and keep what they sell themselves: leave the tills on, too.',
	stopping: 'This relay is being stopped. Tills go on selling, and connect again when it is back.',
	alarms: 'Alarms',
	noAlarms: 'None.',
	since: (time) => `since ${time}`,
	alarm: {
		disk_failed: (p) => `The disk failed: ${p.reason}. Nothing new is saved here.`,
		disk_low: (p) => `Only ${bytesOf(p, 'freeBytes', 'en')} free on the disk.`,
		upstream_down: (p) => `No line to headquarters. ${countOf(p, 'entries', 'en')} entries wait.`,
		till_silent: (p) => `${p.device} has not been seen for long. Is it switched off, or its cable out?`,
		till_behind: (p) => `${p.device} is behind by ${countOf(p, 'entries', 'en')} entries.`,
		device_forked: (p) => `${p.device} exists twice, or runs from an old copy of its disk. Set it up anew.`,
		pool_overdrawn: (p) => `${p.pool} in ${p.ledger} is overdrawn by ${countOf(p, 'units', 'en')}.`,
		entries_refused: (p) => `Entries of ${p.device} were refused (${p.code}). Update it, or look at its disk.`,
		ledger_full: (p) => `${p.ledger} has reached its limit of ${bytesOf(p, 'bytes', 'en')}.`,
		clock_apart: (p) => `The clock of ${p.device} is off by ${durationText(Math.abs(Number(p.ms)), 'en')}.`,
		restored_behind: (p) =>
			`This relay came back with an old disk and lacks ${countOf(p, 'entries', 'en')} entries. Leave the tills on: they bring them.`,
	},
	level: { info: 'Note', warning: 'Warning', critical: 'Urgent' },
	tills: 'Tills and devices',
	noTills: 'None has been here yet.',
	till: 'Name',
	state: 'Now',
	online: 'connected',
	offline: 'away',
	lastSeen: 'Last seen',
	never: 'never',
	waiting: 'Waiting',
	waitingThere: (entries) => `${entriesEn(entries)} still on it`,
	waitingHere: (entries) => `${entriesEn(entries)} for it`,
	nothingWaits: 'nothing',
	via: 'By',
	roundTrip: 'Round trip',
	shares: 'Shares at rest',
	noShares: 'None. Tills hold what there is.',
	item: 'Item',
	atRest: 'At rest here',
	withTills: 'With tills',
	upstream: 'Headquarters',
	upstreamUp: 'connected',
	upstreamDown: (ago) => `no line; last seen ${ago}`,
	upstreamNever: 'no line; not reached yet',
	upstreamNone: 'nothing above this relay',
	details: 'Details',
	address: 'Address for tills',
	chain: 'Chain',
	store: 'Store',
	device: 'Device',
	version: 'Version',
	running: (duration) => `running for ${duration}`,
	ledgers: 'Ledgers',
	ledgerTotals: (count, entries, bytes) =>
		`${countText(count, 'en')} with ${entriesEn(entries)}, ${bytesText(bytes, 'en')}`,
	disk: 'Disk',
	diskOk: 'saves',
	diskFailed: 'does not save',
	diskFree: (bytes) => `${bytesText(bytes, 'en')} free`,
	connections: 'Connections',
	refused: 'Refused',
	documents: 'Documents',
	documentTotals: (documents, connections, bytes) =>
		`${countText(documents, 'en')}, ${countText(connections, 'en')} connections, ${bytesText(bytes, 'en')}`,
	refreshed: (time) => `As of ${time}. This page refreshes itself.`,
	otherLanguage: '中文',
};

const zh: Texts = {
	htmlLanguage: 'zh-CN',
	roleStore: '门店中继',
	roleHq: '总部中继',
	switchOff: '现在可以关掉这台机器吗？',
	switchOffYes: '可以',
	switchOffYesWhy: '所有记录都已保存并上传。关机期间收银机照常收银，开机后自动补上。',
	switchOffWait: '最好等一等',
	switchOffWaitUp: (entries) => `${countText(entries, 'zh')} 条记录正在传往总部，请一分钟后再看。`,
	switchOffWaitDown: (entries) =>
		`${countText(entries, 'zh')} 条记录还没有到总部，线路不通。它们已保存在本机硬盘上，机器和线路恢复后会自动上传。`,
	oldest: (time, ago) => `最早一条是 ${time}（${ago}）。`,
	switchOffNo: '不可以，请联系技术人员',
	switchOffNoWhy: '硬盘已无法保存。收银机照常收银，记录保存在各收银机上：收银机也请不要关机。',
	stopping: '中继正在停止。收银机照常收银，恢复后会自动连接。',
	alarms: '警报',
	noAlarms: '没有。',
	since: (time) => `自 ${time} 起`,
	alarm: {
		disk_failed: (p) => `硬盘故障：${p.reason}。本机不再保存新记录。`,
		disk_low: (p) => `硬盘只剩 ${bytesOf(p, 'freeBytes', 'zh')}。`,
		upstream_down: (p) => `与总部的线路不通，${countOf(p, 'entries', 'zh')} 条记录在等待上传。`,
		till_silent: (p) => `${p.device} 很久没有连接了。是关机了，还是网线松了？`,
		till_behind: (p) => `${p.device} 落后 ${countOf(p, 'entries', 'zh')} 条记录。`,
		device_forked: (p) => `${p.device} 出现了两份，或者用了旧的硬盘备份。请重新登记这台设备。`,
		pool_overdrawn: (p) => `${p.ledger} 的 ${p.pool} 超出了 ${countOf(p, 'units', 'zh')}。`,
		entries_refused: (p) => `${p.device} 的记录被拒收（${p.code}）。请升级或检查这台设备。`,
		ledger_full: (p) => `${p.ledger} 已达到上限 ${bytesOf(p, 'bytes', 'zh')}。`,
		clock_apart: (p) => `${p.device} 的时钟相差 ${durationText(Math.abs(Number(p.ms)), 'zh')}。`,
		restored_behind: (p) =>
			`本机用了旧的硬盘备份，缺 ${countOf(p, 'entries', 'zh')} 条记录。请让收银机保持开机，它们会补上。`,
	},
	level: { info: '提示', warning: '注意', critical: '紧急' },
	tills: '收银机与设备',
	noTills: '还没有设备连接过。',
	till: '名称',
	state: '状态',
	online: '已连接',
	offline: '离线',
	lastSeen: '上次连接',
	never: '从未',
	waiting: '等待中',
	waitingThere: (entries) => `设备上还有 ${countText(entries, 'zh')} 条`,
	waitingHere: (entries) => `待发给它 ${countText(entries, 'zh')} 条`,
	nothingWaits: '无',
	via: '方式',
	roundTrip: '往返',
	shares: '存放在本机的份额',
	noShares: '没有。份额都在收银机上。',
	item: '项目',
	atRest: '存放在此',
	withTills: '在收银机上',
	upstream: '总部',
	upstreamUp: '已连接',
	upstreamDown: (ago) => `线路不通；上次连接：${ago}`,
	upstreamNever: '线路不通；还没有连上过',
	upstreamNone: '上面没有别的中继',
	details: '详细信息',
	address: '收银机连接地址',
	chain: '连锁',
	store: '门店',
	device: '设备',
	version: '版本',
	running: (duration) => `已运行 ${duration}`,
	ledgers: '账本',
	ledgerTotals: (count, entries, bytes) =>
		`${countText(count, 'zh')} 个，${countText(entries, 'zh')} 条记录，${bytesText(bytes, 'zh')}`,
	disk: '硬盘',
	diskOk: '正常保存',
	diskFailed: '无法保存',
	diskFree: (bytes) => `剩余 ${bytesText(bytes, 'zh')}`,
	connections: '连接数',
	refused: '拒收',
	documents: '文档',
	documentTotals: (documents, connections, bytes) =>
		`${countText(documents, 'zh')} 份，${countText(connections, 'zh')} 个连接，${bytesText(bytes, 'zh')}`,
	refreshed: (time) => `截至 ${time}。本页自动刷新。`,
	otherLanguage: 'English',
};

export const texts: Readonly<Record<Language, Texts>> = { en, zh };
