import { expect, test } from 'vitest';
import { type ByteStore, sealedPersonal } from '../../../adapters/at-rest/index.js';

function byteStore(): ByteStore & { readonly all: Map<string, Uint8Array> } {
	const all = new Map<string, Uint8Array>();
	return {
		all,
		get: async (name) => all.get(name),
		put: async (name, bytes) => void all.set(name, bytes),
		delete: async (name) => void all.delete(name),
	};
}

test('what is known of a member is noise once its key is destroyed, in a backup too', async () => {
	const data = byteStore();
	const keys = byteStore();
	const personal = sealedPersonal({ data, keys });
	await Promise.all([
		personal.put('ada', { name: 'Ada' }),
		personal.put('ada', { name: 'Ada L.' }),
		personal.put('bob', 'B'),
	]);
	expect([await personal.get('ada'), await personal.get('bob')]).toEqual([{ name: 'Ada L.' }, 'B']);
	const backup = new Map(data.all);
	expect(Buffer.from(backup.get('ada') ?? []).toString('latin1')).not.toContain('Ada');
	await personal.delete('ada');
	for (const [name, bytes] of backup) data.all.set(name, bytes); // restored
	expect(await personal.get('ada')).toBeUndefined();
	expect(await personal.get('bob')).toBe('B');
	data.all.set('bob', backup.get('ada') ?? new Uint8Array());
	await expect(personal.get('bob')).rejects.toMatchObject({ code: 'storage_corrupt' });
	await personal.delete('nobody');
});
