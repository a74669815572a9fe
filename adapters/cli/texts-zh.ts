import type { Finding } from '../../src/inspect/diagnosis.js';
import type { DeskTexts } from './texts.js';
import { trustZh } from './trust/texts-zh.js';

const n = (amount = 0) => amount.toLocaleString('en');
const whose = ({ name, device = '' }: Finding) => (name === undefined ? device : `${name}（${device}）`);
const such = ({ subjects = [], amount = 0 }: Finding) =>
	subjects.length === 0 ? '' : `：${subjects.join('、')}${amount > subjects.length ? '……' : ''}`;

const kinds = {
	oversell: '卖出的比现有的多',
	'double-mint': '同一单据被两台设备入账',
	'double-key': '同一业务键被两台设备使用',
} as const;

/** 准入检查的结果：`limit order.refund`。 */
function forbidden(reason: string): string {
	const [what = '', of = ''] = reason.split(' ');
	const words: Readonly<Record<string, string>> = {
		limit: `${of} 超出其证书额度，又没有主管对这一笔的签名同意`,
		verb: `${of === '' ? '没有操作名' : of} 的单据，其证书不允许`,
		mint: `${of} 的数量，其证书不允许`,
		set: `${of} 的单元，其证书不允许`,
		credential: '没有本链的证书',
		write: '其证书不允许写入该账本',
	};
	return words[what] ?? `只有主机才能做的事（${reason}）`;
}

export const deskZh: DeskTexts = {
	usage: '用法：',
	options: '选项',
	required: '必填',
	about: {
		export: [
			'把“谁在何时、用哪台设备做了什么”写成一行一条的 JSON，任何人都能脱离本软件核对：',
			'每条记录既有文字也有原始字节，并有设备的签名。说明见 docs/AUDIT.md。',
			'只读：正在运行的收银机或中继不受影响。',
		],
		'verify-log': [
			'核对 `tillmesh export` 写出的文件，只需要这个文件：哈希链、签名，以及文字与字节是否一致。',
			'指出第一处问题，并以 1 结束。',
		],
		doctor: [
			'说明一台收银机或中继的状况：有什么问题，下一步怎么办。有故障时以 1 结束。',
			'只读：正在运行的收银机或中继不受影响。',
		],
		explain: [
			'说明某项稀缺数量（例如 stock/sh-014/CUP-L）由谁带入、卖出、转给谁、现在在谁那里。',
			'POOL 是账本名称、斜杠、再加键。',
		],
		'chain init': [
			'为连锁生成根密钥，只做一次：私钥写入只有你能读取的文件，公钥放在旁边。',
			'有了它，任何设备只能做证书允许的事，而证书都源自这把密钥。',
		],
		'chain store': [
			'生成一家门店的密钥并用根密钥签发：只有一个文件，带到店长的机器上。',
			'证书到期前再运行一次：设备重新申请后就归到新的证书之下。',
		],
		'chain device': [
			'给总部自己的设备签发证书，由根密钥直接签名：带 --listen 时走网络，',
			'否则由人传递请求和应答。另见 tillmesh enrol serve 和 tillmesh enrol answer。',
		],
		'enrol serve': [
			'为新设备（或证书快到期的设备）生成一次性码，并在局域网上应答：收银机程序里的 enrolBy 到这里申请。',
			'设备拿到证书后以 0 结束；没有设备来则以 1 结束。',
		],
		'enrol renew': [
			'为申请续期的门店设备续签证书，不需要一次性码，直到被停止：权限不变，有效期与原来一样长。',
			'程序调用 replica.renew() 时，enrolBy 会自动到这里申请。',
		],
		'enrol answer': [
			'没有网络时的同一件事：生成一次性码，读取设备显示的请求（扫描或粘贴），写出要带回去的应答。',
			'输出里只有应答；--qr 同时画出二维码。',
		],
	},
	optionHelp: {
		data: '收银机的 SQLite 文件，或中继的数据目录或 relay.db',
		'key-file': '数据已加密时：密钥文件，32 个字节或 64 位十六进制，只有主人可以读取',
		from: '从这一天起，例如 2026-02-14，或从某一时刻起，例如 2026-02-14T08:00:00Z',
		to: '到这一天为止（含当天），或到某一时刻',
		format: '文件格式：ndjson（目前只有这一种）',
		out: '写入这个新文件，而不是终端',
		last: '最多显示多少条最新记录（默认 20）',
		root: '连锁的根公钥，或它所在的文件：同时核对谁有权写什么',
		dir: '根密钥所在的目录（默认 chain-keys）',
		key: '门店密钥的文件，由 tillmesh chain store 生成',
		name: '只给这个名称的设备',
		'chain init name': '连锁名称，给人看（默认 main）',
		days: '证书有效多少天（默认门店 365，设备 90）',
		minutes: '一次性码有效多少分钟（默认 5）',
		role: 'cashier（默认）、warehouse、manager 或 relay；根密钥之下为 headquarters',
		module: '设备可以写其单据的供应商模块；可重复',
		replaces: '它取代的设备的名称：同一台收银机换了磁盘',
		qr: '同时画出二维码：地址和一次性码，或应答',
		listen: '设备申请的地址：整个局域网用 0.0.0.0:7450，仅本机用 127.0.0.1:7450',
		origin: '允许申请的网页来源，例如 https://till.example.com；可重复',
		'tls-cert': '证书（PEM），供 https 打开的网页使用',
		'tls-key': '证书的私钥（PEM）',
		json: '给程序用：输出 JSON',
		lang: '提示的语言',
		help: '显示本说明',
	},
	sub: (group, names) => `请说明要做什么：${names.map((name) => `tillmesh ${group} ${name}`).join('、')}`,
	seeHelp: (command) => `请看：tillmesh ${command} --help`,
	failed: (why) => `没有成功：${why}`,
	advice: {
		storage_corrupt:
			'\n请停止使用这个文件并保留一份副本。已经传给别处的数据是安全的：用一个新文件打开收银机，让它同步即可。',
		wrong_key: '\n请用 --key-file 给出密钥文件；数据没有加密时不要给。',
		storage_foreign: '\n请给出打开收银机时用的文件，或中继的数据目录。',
	},
	expected: {
		date: '一个日期，例如 2026-02-14，或一个时刻，例如 2026-02-14T08:00:00Z',
		count: '从 1 起的整数',
		format: 'ndjson',
	},
	file: { exists: (file) => `${file} 已存在：请给出一个新文件。`, missing: (file) => `没有文件 ${file}。` },
	trust: trustZh,
	exported: (count, epochs, file) =>
		`${n(epochs)} 个时段的 ${n(count)} 条记录已写入 ${file}。核对：tillmesh verify-log ${file}`,
	verify: {
		progress: (count, percent) => `已核对 ${n(count)} 条，${percent} %`,
		good: '日志与设备签名时一致：没有一行被修改、增加或删除。',
		byRight: '按给出的根密钥，每台设备都有权写它所写的内容。',
		rightsUnknown: '没有核对谁有权写：请用 --root 给出根密钥。',
		bad: '日志与写出时不一致。',
		chain: '连锁',
		time: '时间',
		all: '全部留存的记录',
		counts: (c) => `${n(c.epochs)} 个时段的 ${n(c.rows)} 条记录，${n(c.seals)} 个签名`,
		unsealed: (count) => `有 ${n(count)} 条没有导出：导出时设备还没有为它们签名。`,
		covered: (count, ledger, checkpoint) =>
			`${ledger}：有 ${n(count)} 条在导出之前已被清理，由检查点 ${checkpoint} 代表。`,
		notHere: (epochs) => `记录提到了 ${n(epochs)} 个不在本日志中的时段（其他账本或其他时间）。`,
		wrong: {
			not_a_log: '这不是审计日志，或第一行被修改。',
			newer_version: '本版本不认识这种日志格式。',
			not_json: '这一行不是 JSON。',
			line_changed: '这一行被修改：与日志写出时不同。',
			out_of_place: '这一行不该在这里：有行被删除、插入或移动。',
			unknown_line: '日志中没有这种行。',
			epoch_name: '时段与该行写明的设备、账本和分段不符。',
			opening: '时段的第一条记录不是开启记录。',
			key: '开启记录中的密钥不是该设备的密钥：有人冒名写入。',
			right: '写入者没有权限。',
			bytes_changed: '记录的字节与写出时不同：与哈希链不符。',
			field_changed: '该行的文字与字节不一致。',
			seal: '这些记录不是设备签名的内容。',
			unsealed: '这些记录没有设备的签名。',
			checkpoint: '检查点不是其主机签名的内容。',
			rows_missing: '时段末尾缺少记录：后面的时段接在它们之后。',
			epoch_missing: '缺少整个时段：后面的时段接在它之后。',
			history_edited: '时段接在与本日志不同的记录之后。',
			cut_off: '日志在最后一行之前就结束了。',
			after_end: '最后一行之后还有内容。',
			digest: '有行被删除、插入或修改：与最后一行的总和不符。',
		},
		where: {
			line: (line) => `第 ${n(line)} 行`,
			epoch: '时段',
			row: '记录',
			ledger: '账本',
			device: '设备',
			field: '字段',
			said: '日志写的是',
			is: '字节是',
			why: '无权',
		},
	},
	doctor: {
		till: '收银机',
		relay: '中继',
		chain: '连锁',
		device: '设备',
		size: '占用磁盘',
		sound: '一切正常。',
		counts: (errors, warnings, notes) => `故障 ${n(errors)} 项，需要查看 ${n(warnings)} 项，提示 ${n(notes)} 项。`,
		severity: { error: '故障', warning: '查看', note: '提示' },
		next: '下一步：',
		troubles: {
			cloned: () => ({
				what: '这台收银机有一个副本也在写入（恢复的备份或克隆的磁盘）。它不再动用任何数量。',
				next: '关掉另一个副本，让这台连接到账本的主机：它会自动换用新名称。',
			}),
			fenced: (f) => ({
				what: `这台设备已被当作丢失处理${such(f)}，份额已收回。它卖出的都已入账。`,
				next: '让它连接到其他设备：它会自动以新名称继续。',
			}),
			not_conserved: (f) => ({
				what: `${f.ledger} 中 ${f.pool} 的合计不平：多带入 ${n(f.amount)}。`,
				next: '这是程序错误。请保留文件副本，连同 `tillmesh export` 的输出一起报告。',
			}),
			negative_share: (f) => ({
				what: `${whose(f)} 在 ${f.ledger} 中的 ${f.pool} 为 ${n(f.amount)}：给出的比有的多。`,
				next: '这是克隆或设备被放弃之后才到的记录留下的痕迹。请盘点，并用 `tillmesh explain` 查看。',
			}),
			negative_held: (f) => ({
				what: `${whose(f)} 在 ${f.ledger} 中对 ${f.pool} 的占用为 ${n(f.amount)}：释放的比占用的多。`,
				next: '这是克隆留下的痕迹。请用 `tillmesh explain` 查看。',
			}),
			upgrade_required: (f) => ({
				what: `有新版本写入的记录，本版本看不懂。${f.ledger} 中有 ${n(f.amount)} 项暂停动用${such(f)}。`,
				next: '请升级这台设备。',
			}),
			forked_device: (f) => ({
				what: `${whose(f)} 在同一条记录之后写了两次：它有一个副本。两边都计入。`,
				next: '找到第二个副本并关掉。主机会放弃该设备，它会以新名称继续。',
			}),
			not_allowed: (f) => ({
				what: `${whose(f)} 在 ${f.ledger} 中写入：${forbidden(f.subjects?.[0] ?? '')}（${new Date(f.atMs ?? 0).toISOString()}）。这里没有接受，不计入任何合计。`,
				next: '查明谁用过那台设备，程序是否被改动。若操作正当，请给它权限更多的证书；否则用 `revoke` 终止其会话。',
			}),
			waiting_rows: (f) => ({
				what: `${f.ledger} 中有 ${n(f.amount)} 条暂不计入：与它们相关的记录还没到${such({ ...f, amount: 0 })}。`,
				next: '让写入它们的收银机联网一次，其余到齐后立即计入。',
			}),
			clock_ahead: (f) => ({
				what: `${whose(f)} 的时钟比本机快 ${n(f.amount)} 秒。它写的照样计入。`,
				next: '校准它和本机的时钟。',
			}),
			open_exceptions: (f) => ({
				what: `${f.ledger} 中有 ${n(f.amount)} 次：${kinds[f.kind ?? 'oversell']}${such(f)}。`,
				next: '需要有人处理：它们在收银机的任务中。',
			}),
			after_revocation: (f) => ({
				what: `${f.ledger} 中 ${whose(f)} 有 ${n(f.amount)} 条在它的会话被终止（${new Date(f.atMs ?? 0).toISOString()}）之后才到。它们计入。`,
				next: '用 `tillmesh export` 逐条查看：可能有人在被盗的收银机上继续销售，也可能是它此前卖出、后来才送到的。',
			}),
			unsealed_rows: (f) => ({
				what: `${f.ledger} 中有 ${n(f.amount)} 条还没有收尾的签名。`,
				next: '无需处理：写入它们的收银机下次联网时会补上。',
			}),
			late_entries: (f) => ({
				what: `${f.ledger} 中 ${whose(f)} 有 ${n(f.amount)} 条在它被放弃之后才到。它们计入。`,
				next: '盘点它卖出的商品。',
			}),
			fenced_device: (f) => ({ what: `${whose(f)} 在 ${f.ledger} 中已被放弃，份额已收回。`, next: '无需处理。' }),
			not_compacted: (f) => ({
				what: `${f.ledger} 有 ${n(f.amount)} 条记录而没有检查点：一直连不到它的主机。`,
				next: '为它指定主机：`tillmesh relay --home`，或打开收银机时的 `home`。',
			}),
		},
		ledgers: ['账本', '记录', '检查点覆盖', '等待', '大小', '最新记录'],
		running: '被拒绝的更新、丢失的磁盘和当前连接只有运行中的程序知道：请看它的状态页，或 replica.status()。',
	},
	explain: {
		sums: ({ minted, spent, held, left, overdrawn }) => [
			`带入 ${n(minted)}，用去 ${n(spent)}，剩余 ${n(left)}${held > 0 ? `，占用 ${n(held)}` : ''}。`,
			...(overdrawn > 0 ? [`另外超卖 ${n(overdrawn)}。`] : []),
		],
		has: (name, amount) => `${name} 有 ${n(amount)}`,
		nobody: '现在谁那里都没有',
		holders: ['设备', '带入', '来自他处', '用去', '占用', '现有'],
		events: '经过（最新的在最后）：',
		more: (count) => `（还有 ${n(count)} 条较早的没有显示：用 --last 指定条数）`,
		dropped: (count) => `（本账本有 ${n(count)} 条在这里只剩合计，由检查点代表。存档处有原始记录：它的中继或总部。）`,
		noEvents: '这里没有关于它的记录。',
		event: (e) => {
			const { kind, amount, other = '', document = '', reason = '' } = e;
			switch (kind) {
				case 'mint':
					return `凭 ${document} 带入 ${n(amount)}`;
				case 'spend':
					return `用去 ${n(amount)}`;
				case 'grant':
					return `转给 ${other} ${n(amount)}`;
				case 'hold':
					return `占用 ${n(amount)}`;
				case 'capture':
					return `从占用中用去 ${n(amount)}`;
				case 'release':
					return `释放占用 ${n(amount)}`;
				case 'expire':
					return `占用超时，释放 ${n(amount)}`;
				case 'overdraw':
					return `超卖 ${n(amount)}${reason === '' ? '' : `（${reason}）`}`;
				case 'reclaim':
					return `从已放弃的 ${other} 收回 ${n(amount)}`;
			}
		},
		by: (people) => `经手 ${people}`,
		unknown: (name) => `这里没有 ${name}。`,
		nearest: '是不是：',
		empty: '这里没有任何稀缺数量。',
	},
};
