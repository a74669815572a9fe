import type { Order } from './run/order.js';

/** What once failed, and what it found; it must never fail again. With its plan, for a seed's changes by and by. */
export interface Kept extends Pick<Order, 'seed' | 'steps' | 'without' | 'plan'> {
	readonly name: string;
	readonly found: string;
}

/** `npm run sim -- --seed X --steps ... --json` prints the plan of whatever fails; it comes here with the fix. */
export const kept: readonly Kept[] = [
	{
		name: 'a clock years ahead',
		found:
			'A home whose clock ran ten years ahead forgot idempotency keys with its next checkpoint: a sale was booked twice (property 12).',
		seed: 404_420,
		plan: {
			seed: 404_420,
			topology: {
				stores: 1,
				tillsPerStore: 2,
				relay: false,
				hq: false,
				mesh: true,
				archive: true,
				segmentRows: 20,
				checkpointRows: 4,
				syncMsMax: 20,
			},
			faults: ['partition', 'crash', 'clock'],
			line: { delayMsMax: 2, reorderPercent: 0, dropPercent: 0, duplicatePercent: 0 },
			steps: [
				{ index: 18, kind: 'act', seed: 3_991_238_667, waitMs: 420 },
				{ index: 19, kind: 'act', seed: 4_193_137_994, waitMs: 102 },
				{ index: 22, kind: 'clock', seed: 738_774_086, waitMs: 0 },
				{ index: 72, kind: 'act', seed: 2_864_405_198, waitMs: 0 },
				{ index: 79, kind: 'act', seed: 1_066_317_046, waitMs: 0 },
				{ index: 84, kind: 'act', seed: 3_034_720_122, waitMs: 985 },
				{ index: 87, kind: 'act', seed: 2_926_410_212, waitMs: 1 },
			],
		},
	},
	{
		name: 'a new name, old links',
		found:
			'A device that enrolled anew told its peers of no links under its new name: a till beyond it found no way home for its shares (property 24).',
		seed: 202_397,
		plan: {
			seed: 202_397,
			topology: {
				stores: 1,
				tillsPerStore: 2,
				relay: false,
				hq: false,
				mesh: true,
				archive: false,
				segmentRows: 20,
				checkpointRows: 2,
				syncMsMax: 2,
			},
			faults: ['partition', 'clone', 'newer'],
			line: { delayMsMax: 2, reorderPercent: 0, dropPercent: 0, duplicatePercent: 0 },
			steps: [
				{ index: 1, kind: 'clone', seed: 2_291_981_709, waitMs: 0 },
				{ index: 41, kind: 'clone', seed: 2_706_875_275, waitMs: 0 },
				{ index: 61, kind: 'act', seed: 2_740_171_306, waitMs: 1 },
				{ index: 72, kind: 'clone', seed: 308_838_778, waitMs: 1 },
				{ index: 80, kind: 'act', seed: 3_978_326_320, waitMs: 0 },
				{ index: 86, kind: 'clone', seed: 4_043_319_957, waitMs: 1 },
				{ index: 88, kind: 'wait', seed: 1_357_891_479, waitMs: 13 },
				{ index: 91, kind: 'act', seed: 3_022_130_958, waitMs: 603 },
			],
		},
	},
	{
		name: 'a branch before the covered end',
		found:
			'Of a till that was set back the old branch was known by a checkpoint alone, and nobody saw that there were two (property 20).',
		seed: 1022,
		plan: {
			seed: 1022,
			topology: {
				stores: 1,
				tillsPerStore: 2,
				relay: false,
				hq: false,
				mesh: false,
				archive: true,
				segmentRows: 12,
				checkpointRows: 10,
				syncMsMax: 200,
			},
			faults: ['delay', 'crash', 'restore'],
			line: { delayMsMax: 79, reorderPercent: 5, dropPercent: 0, duplicatePercent: 0 },
			steps: [
				{ index: 0, kind: 'act', seed: 3_914_872_489, waitMs: 0 },
				{ index: 1, kind: 'act', seed: 1_869_116_448, waitMs: 0 },
				{ index: 2, kind: 'tend', seed: 501_262_040, waitMs: 2 },
				{ index: 3, kind: 'act', seed: 2_835_162_497, waitMs: 1552 },
				{ index: 4, kind: 'act', seed: 3_710_163_669, waitMs: 2 },
				{ index: 5, kind: 'act', seed: 2_342_070_393, waitMs: 0 },
				{ index: 11, kind: 'act', seed: 2_346_853_272, waitMs: 2 },
				{ index: 12, kind: 'check', seed: 8_384_519, waitMs: 2 },
				{ index: 13, kind: 'act', seed: 1_538_225_338, waitMs: 2 },
				{ index: 15, kind: 'act', seed: 1_683_248_589, waitMs: 2 },
				{ index: 16, kind: 'act', seed: 1_212_026_352, waitMs: 0 },
				{ index: 17, kind: 'act', seed: 674_755_198, waitMs: 1 },
				{ index: 19, kind: 'act', seed: 1_663_153_551, waitMs: 1763 },
				{ index: 20, kind: 'restore', seed: 2_822_948_359, waitMs: 2 },
				{ index: 21, kind: 'act', seed: 1_008_544_188, waitMs: 890 },
			],
		},
	},
];
