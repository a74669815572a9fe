import type { Mutant } from '../mutant.js';

/** Disks, and relays on theirs. */
export const disks: readonly Mutant[] = [
	{
		name: 'failure-taken-for-success',
		rules: ['JRN5'],
		en: 'a write that failed is reported as done',
		zh: '写入失败却报告成功',
		edits: [
			{
				file: 'replica/disk.ts',
				find: `			this.#broken(this.#failure);
		}
		throw this.#failure;`,
				replace: `			this.#broken(this.#failure);
		}`,
			},
		],
	},
	{
		name: 'failure-goes-unnoticed',
		rules: ['JRN5'],
		en: 'after a write failed the replica goes on as if only that one were lost',
		zh: '写入失败后副本照常运行，仿佛只丢了那一笔',
		edits: [
			{
				file: 'replica/disk.ts',
				find: `			this.#broken(this.#failure);
		}`,
				replace: `			const failed = this.#failure;
			this.#failure = undefined;
			throw failed;
		}`,
			},
		],
	},
	{
		name: 'checksum-not-checked',
		rules: ['JRN8'],
		en: 'a record that was cut off or had a bit flipped is read as if it were whole',
		zh: '被截断或翻转了一位的记录照常读出',
		edits: [
			{
				file: 'replica/records.ts',
				find: "if (stored !== crc32(key, body)) throw corrupt(key, 'its checksum does not fit');",
				replace: "if (stored < 0) throw corrupt(key, 'its checksum does not fit');",
			},
		],
	},
	{
		name: 'relay-acks-before-write',
		rules: ['SYN2', 'JRN3'],
		en: 'a relay acknowledges and passes on rows before they are on its disk',
		zh: '中继尚未落盘就确认并转发',
		edits: [
			{
				file: 'relay/relay-intake.ts',
				find: 'await store.write({ epochs, runs, points: [], notes: [] });',
				replace: 'store.write({ epochs, runs, points: [], notes: [] }).catch(() => {});',
			},
		],
	},
	{
		name: 'relay-forgets-tail',
		rules: ['SYN5'],
		en: 'after a restart a relay sends on nothing of what it had before',
		zh: '中继重启后不再转发此前已有的条目',
		edits: [{ file: 'relay/kept-epoch.ts', find: 'this.sealed = sealed;', replace: '' }],
	},
	{
		name: 'relay-takes-older-checkpoint',
		rules: ['JRN11'],
		en: 'a relay puts whatever checkpoint came last in the place of the one it has',
		zh: '中继以最后到的检查点取代已有的',
		edits: [
			{
				file: 'relay/point-intake.ts',
				find: 'if (known && (equalBytes(known.id, id) || !this.#isNews(checkpoint, known.covers))) return undefined;',
				replace: 'if (known && equalBytes(known.id, id)) return undefined;',
			},
		],
	},
];
