/** One line of what must always hold, for people. */
export interface Statement {
	readonly en: string;
	readonly zh: string;
}

const statements: readonly Statement[] = [
	{ en: 'nothing scarce appears or vanishes, in every view', zh: '任何视图中，稀缺数量既不会凭空出现，也不会消失' },
	{ en: 'no share, stock or hard balance below its floor', zh: '份额、库存与硬余额绝不低于下限' },
	{ en: 'a device never believes to have more than it has', zh: '设备自认的份额不超过真实份额' },
	{ en: 'order and repetition of entries change nothing', zh: '条目的顺序与重复不影响结果' },
	{ en: 'equal heads, equal bytes, equal views', zh: '头部相同，则字节相同、视图相同' },
	{ en: 'nothing is seen outside before it is on disk', zh: '落盘之前，外界什么也看不到' },
	{ en: 'a crash leaves all parts of a commit or none', zh: '任意时刻崩溃，一次提交要么全在，要么全无' },
	{ en: 'a torn tail is noticed', zh: '撕裂的尾部会被发现' },
	{ en: 'one grant for each request', zh: '每个请求只拨付一次' },
	{ en: 'a grant arrives although its message was lost', zh: '拨付消息丢失，拨付仍会到达' },
	{
		en: 'zero, negative, broken, giant and own amounts are refused',
		zh: '零、负数、小数、溢出及拨给自己的数量一律拒绝',
	},
	{ en: 'a document mints once', zh: '一张单据只入账一次' },
	{ en: 'a single unit is spent at most once', zh: '仅有的一件最多卖出一次' },
	{ en: 'a hold is resolved once', zh: '一笔预留只了结一次' },
	{ en: 'no more is captured than was held, the rest returns', zh: '扣款不超过预留，其余退回' },
	{ en: 'clock jumps neither end a hold early nor keep it', zh: '时钟跳变不影响预留到期' },
	{ en: 'a hold that is open at a crash is open after it', zh: '崩溃时未了结的预留，重启后仍在' },
	{ en: 'no more is refunded than was sold, across stores', zh: '跨店退货不超过售出' },
	{ en: 'a restored backup does not go on as if nothing had happened', zh: '恢复的备份遇到见证者后，不再续写旧纪元' },
	{ en: 'a clone is noticed at once, and its damage is bounded', zh: '克隆在首个共同视图中即被发现，透支有上限' },
	{ en: 'overdraft after a fence is at most what the fence took', zh: '隔离后的透支不超过隔离所收回的' },
	{ en: 'two who fence do not both reclaim', zh: '两人同时隔离，不会重复收回' },
	{ en: 'late entries change only late and overdraft figures', zh: '迟到的条目只改变迟到与透支数字' },
	{ en: 'a retired device strands nothing', zh: '设备退役，不滞留任何东西' },
	{ en: 'with a checkpoint or without, the same is seen', zh: '有无检查点，所见相同' },
	{ en: 'a view never goes back and is what a plain sum says', zh: '视图不倒退，且等于朴素重算' },
	{
		en: 'checkpoints agree with fences, holds, clones and lost homes',
		zh: '检查点与隔离、预留、克隆、丢失的主副本相容',
	},
	{ en: 'two windows, one writer', zh: '两个窗口，一个写者' },
	{ en: 'soft: sold is what was spent and overdrawn, settled once', zh: '软策略：售出等于支出加透支，异常只处理一次' },
	{ en: 'where stock is left and lines are up, a customer is served', zh: '有货且连通，就能在有限轮次内成交' },
	{ en: 'at steady demand shares do not go to and fro', zh: '需求平稳时，份额不来回搬动' },
	{ en: 'an unknown kind of entry stops spending, not reading', zh: '未知条目停止支出，不停止读取' },
	{ en: 'what a tier has acknowledged it still has after a crash', zh: '某一层确认过的销售，该层崩溃后仍在' },
];

/** By number. 0 is what no property foresees. */
export const properties: ReadonlyMap<number, Statement> = new Map(
	statements.map((statement, index) => [index + 1, statement]),
);

const unforeseen: Statement = { en: 'no error that nobody foresaw', zh: '没有意料之外的错误' };

export const statementOf = (property: number): Statement => properties.get(property) ?? unforeseen;
