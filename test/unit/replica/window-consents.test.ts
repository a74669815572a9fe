import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { Grant } from '../../../src/trust/grant.js';
import { ChainOfTrust } from '../trust/chain-of-trust.js';
import { openTill, windowOf } from './window-world.js';

const ledger = 'stock/1';
const grants = (limit: number): Grant[] => [
	{
		ledgers: ledger,
		read: true,
		write: true,
		verbs: ['order.*', 'approval.decide'],
		limits: { 'order.refund': limit },
	},
];

test('a window asks its owner for a yes, and for what its own work may rest on', async () => {
	const chain = await ChainOfTrust.create();
	const by = chain.pair;
	const open = async (limit: number) => {
		const enrol = ({ key, name }: { key: Uint8Array; name: string }) => chain.give(key, grants(limit), { by, name });
		const till = await openTill({ trust: { root: chain.root, enrol } });
		onTestFinished(async () => void (await till.shutdown()));
		const { window } = await windowOf(till);
		return window;
	};
	const [cashier, manager] = [await open(5), await open(50)];
	expect(cashier.consents?.grants).toEqual(cashier.status().credential?.grants);
	const input = '["order.refund",{}]';
	const bindsTo = createHash('sha256').update(input).digest('hex').slice(0, 32);
	const what = { verb: 'order.refund', amount: 30, bindsTo, date: '2026-03-02', id: 'q-1' };
	const terms = { ledger, till: cashier.device, ...what };
	expect(await cashier.consents?.give(terms)).toBeUndefined();
	const signed = (await manager.consents?.give(terms)) ?? '';
	const refund = (asked: number) =>
		cashier.commit((tx) =>
			tx.append(cashier.ledger(ledger).logs('order').at('1'), {
				verb: 'order.refund',
				date: '2026-03-02',
				approval: 'q-1',
				asked,
				consent: { input, signed },
			}),
		);
	const no = { ok: false, code: 'not_allowed', reason: `${ledger} limit order.refund` };
	expect(await refund(30)).toMatchObject(no); // nobody has looked at it yet
	expect(await cashier.consents?.take({ ...terms, amount: 31 }, signed)).toBe(false);
	expect(await cashier.consents?.take(terms, signed)).toBe(true);
	expect(await refund(31)).toMatchObject(no);
	expect(await refund(30)).toMatchObject({ ok: true });
});
