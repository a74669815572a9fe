import type { DeviceId, EpochId } from '../base/ids.js';
import type { Fence } from '../journal/checkpoint.js';

/**
 * ESC7: whether some fence of the device did not find this entry. It was written after the device was given up, or
 * before and never seen; it is kept and counts like any other, and people are told.
 */
export function isLate(fences: readonly Fence[], device: DeviceId, epoch: EpochId, index: number): boolean {
	for (const fence of fences) if (fence.device === device && index >= foundBy(fence, epoch)) return true;
	return false;
}

/** Of the first `count` entries of an epoch of that device, how many some fence did not find. */
export function lateIn(fences: readonly Fence[], device: DeviceId, epoch: EpochId, count: number): number {
	let found = count;
	for (const fence of fences) if (fence.device === device) found = Math.min(found, foundBy(fence, epoch));
	return count - found;
}

const foundBy = ({ heads }: Fence, epoch: EpochId): number => heads.find((head) => head.epoch === epoch)?.count ?? 0;
