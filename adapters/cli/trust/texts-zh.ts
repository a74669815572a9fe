import type { DeskRefusal } from '../../../src/trust.js';
import { oneLine } from '../table.js';
import type { TrustTexts } from './texts.js';

const refusals: Readonly<Record<DeskRefusal, string>> = {
	no_code: '没有有效的一次性码：已用过，或还没有生成。请重新生成。',
	expired: '一次性码已过期。请重新生成。',
	wrong_code: '一次性码不对，或请求在途中被改动。',
	too_many: '一次性码错得太多，已作废。请重新生成。',
	other_store: '这台设备是为另一家门店设置的。',
	other_name: '一次性码是为另一个名称的设备生成的。',
	not_renewable: '这不是本处设备的证书，或过期太久：需要一次性码。',
	issuer_stale: '签发所用的证书不在有效期内：已到期，或本机时钟不准。',
};

export const trustZh: TrustTexts = {
	tooOpen: (file) => `本机的其他用户可以读取 ${file}。请只留给自己：chmod 600 ${file}`,
	noDataKey: (file) => `${file} 里不是密钥：应为 32 个字节，或 64 位十六进制。`,
	storeName: (store) => `“${store}”不能作为门店名称：不可以有斜杠。`,
	notRoot: (file) => `${file} 是门店的密钥，不是根密钥：只有根密钥能签发门店。`,
	otherStore: (file, is, store) =>
		`${file} 是${is === undefined ? '根密钥' : `门店 ${oneLine(is)} 的密钥`}，不是 ${oneLine(store)} 的。`,
	neverEnrolled: (name) => `这把密钥没有给名为“${name}”的设备签发过证书。`,
	chainMade: ({ chain, root, secretFile, publicFile }) =>
		[
			`连锁 ${oneLine(chain)} 已有根密钥。`,
			'',
			`  私钥：${secretFile}`,
			'    只有你能读取。请放进保险柜，另存一份到别处：丢失后无法再造。',
			`  公钥：${publicFile}`,
			'    给本连锁的每个程序和每位审计人员：',
			`    ${root}`,
			'',
			'下一步：给每家门店一把密钥，tillmesh chain store sh-014',
			'',
		].join('\n'),
	storeMade: ({ store, file, until }) =>
		[
			`门店 ${oneLine(store)} 的密钥：${file}`,
			`在 ${until} 之前可以给 ${oneLine(store)} 的设备签发证书。请把这一个文件带到店长的机器上，并删除这里的。`,
			`下一步，在那里运行：tillmesh enrol serve --key ${file} --listen 0.0.0.0:7450`,
			'',
		].join('\n'),
	code: ({ code, minutes, role, store, name }) =>
		[
			'',
			`  一次性码：${code}`,
			'',
			`请在新设备上输入。${minutes} 分钟内有效，只能用一次，用于${store === undefined ? '' : `门店 ${oneLine(store)} `}角色为 ${role} 的设备${name === undefined ? '' : `（${oneLine(name)}）`}。`,
			'不要给不该拥有这种设备的人看。',
			'',
		].join('\n'),
	listens: (urls) => ['设备到这里申请：', ...urls.map((url) => `  ${url}`)].join('\n'),
	renews: (urls) => ['正在为申请的设备续期证书，按 Ctrl+C 停止，地址：', ...urls.map((url) => `  ${url}`)].join('\n'),
	pasteRequest: '然后扫描或粘贴设备显示的请求，再按回车：',
	copyAnswer: '请把这段应答带到设备上，粘贴或做成二维码：',
	nobodyCame: '没有设备用过这个一次性码，什么都没有签发。',
	refusals,
	refused: (error) => {
		const reason = String(error.details.reason);
		return `已拒绝：${Object.hasOwn(refusals, reason) ? refusals[reason as DeskRefusal] : oneLine(error.message)}`;
	},
	enrolled: ({ name, store, role, device, until, old }) =>
		[
			`已签发：${oneLine(store)} 的 ${oneLine(name)}（${device}），角色 ${role}，有效期到 ${until}。`,
			...(old === undefined
				? []
				: [`它取代 ${old}：请在账本的主机上放弃旧设备，replica.fence('${old}')，收回它的份额。`]),
			'',
		].join('\n'),
};
