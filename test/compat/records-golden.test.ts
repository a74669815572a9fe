/** What a replica wrote stays readable: what changes any of these bytes is a new `storageFormat`, which reads the old one too. */
import { expect, test } from 'vitest';
import { fromUtf8, toHex } from '../../src/base/bytes.js';
import {
	deviceRecord,
	epochRecord,
	formatRecord,
	fromRecord,
	keepsRecord,
	keys,
	readRecord,
	toRecord,
} from '../../src/replica/records.js';

const show = ({ key, value }: { key: string; value: Uint8Array }) => `${key} ${toHex(value)}`;
const pair = (first: number) => ({ secret: Uint8Array.of(first, 2), publicKey: Uint8Array.of(first, 4, 5) });
const most = Number.MAX_SAFE_INTEGER;

test('golden keys sort as their numbers do', () => {
	const golden = [
		[keys.format, 'm/format'],
		[keys.device, 'm/device'],
		[keys.keeps, 'm/keeps'],
		[keys.epoch(300), 'e/0000000008c'],
		[keys.epoch(most), 'e/2gosa7pa2gv'],
		[keys.row(300, 0), 'r/0000000008c/000000'],
		[keys.row(most, 2 ** 31 - 1), 'r/2gosa7pa2gv/zik0zj'],
		[keys.seal(300, 37), 's/0000000008c/000011'],
		[keys.checkpoint('stock/é'), 'c/stock%2F%C3%A9'],
	];
	for (const [key, text] of golden) expect(key).toBe(text);
	expect(keys.parse('r/2gosa7pa2gv/zik0zj')).toEqual({ epoch: most, at: 2 ** 31 - 1 });
});

test('golden records: value and CRC-32 over key and value, big-endian', () => {
	expect(show(formatRecord('chain'))).toBe('m/format 0105636861696e660c1573');
	expect(show(deviceRecord([pair(1), pair(9)]))).toBe('m/device 0202010203010405000209020309040500e08ffa8c');
	expect(show(keepsRecord(['members/7']))).toBe('m/keeps 01096d656d626572732f37a3343e5c');
	expect(show(epochRecord(300, { ledger: 'stock/a', segment: 2, device: 'd', nonce: 'z' }))).toBe(
		'e/0000000008c 0773746f636b2f61020164017af5fba69b',
	);
	expect(show(toRecord('r/0000000008c/000000', Uint8Array.of(1, 2, 3)))).toBe('r/0000000008c/000000 0102039ceead2e');
	// The check value of CRC-32 (IEEE 802.3) is that of the nine digits; here they are parted into key and value.
	expect(toHex(toRecord('12345', new TextEncoder().encode('6789')).value)).toBe('36373839cbf43926');
});

test('a record reads back as written, and under no other key', () => {
	const record = toRecord('x/1', new TextEncoder().encode('value'));
	expect(fromUtf8(fromRecord(record))).toBe('value');
	for (const broken of [
		{ ...record, key: 'x/2' },
		{ ...record, value: record.value.slice(1) },
		{ ...record, value: new Uint8Array(3) },
	])
		expect(() => fromRecord(broken)).toThrow(/Record x\/[12]: its checksum does not fit/);
	const never = (): never => {
		throw new RangeError('end');
	};
	expect(() => readRecord(record, { write: never, read: never })).toThrow(/Record x\/1 cannot be read/);
});
