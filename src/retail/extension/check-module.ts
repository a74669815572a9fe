import { BadArgument } from '../../base/errors.js';
import { checkAmount } from '../../base/limits.js';
import type { Json } from '../../ledger/collections.js';
import type { ModuleDef } from './define.js';

const nameForm = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const kindForm = /^[a-z0-9_-]+$/;

/** Throws `BadArgument` that names what does not fit. */
export function checkModule<E extends Record<string, Json>>(def: ModuleDef<E>): void {
	if (!nameForm.test(def.name)) throw new BadArgument('name', `expected a name such as vendor.thing, got ${def.name}.`);
	checkAmount('version', def.version);
	for (const kind of Object.keys(def.entries)) {
		const entry = def.entries[kind as keyof E];
		const path = `entries.${kind}`;
		if (!kindForm.test(kind)) throw new BadArgument(path, 'expected a name of small letters, digits, - and _.');
		if (typeof entry.schema?.['~standard']?.validate !== 'function')
			throw new BadArgument(`${path}.schema`, 'expected a standard schema.');
		if (entry.ifUnknown !== 'ignore' && entry.ifUnknown !== 'stop-this-pool')
			throw new BadArgument(`${path}.ifUnknown`, 'expected ignore or stop-this-pool.');
		if ((entry.ifUnknown === 'stop-this-pool') !== (typeof entry.pool === 'string'))
			throw new BadArgument(`${path}.pool`, 'goes with stop-this-pool, and with nothing else.');
	}
}
