import type { DeviceId } from '../../../src/base/ids.js';
import { deviceIdOf } from '../../../src/journal/seal.js';
import type { Till } from '../machines/till.js';
import type { Scene } from './scene.js';

/** Every name that a device has the key to: what it is called, and what it was called before. */
export const namesOf = ({ running }: Till): readonly DeviceId[] => {
	const { pairs = [], platform } = running?.core ?? {};
	return platform ? pairs.map(({ publicKey }) => deviceIdOf(publicKey, platform.crypto.sha256)) : [];
};

/**
 * A device is on again after its disk was changed. Somebody gives up the names to which it has no key any more, former ones too:
 * what it had said under them may have gone with the disk, that it was fenced there among it.
 */
export async function switchOnAnew(scene: Scene, till: Till, before: readonly DeviceId[]): Promise<void> {
	await scene.power.switchOn(till);
	if (!till.running) return;
	const names = namesOf(till);
	for (const name of before) if (!names.includes(name)) scene.gone.add(name);
}
