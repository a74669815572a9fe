import type { Till } from '../machines/till.js';
import type { Accident, Scene } from './scene.js';

const ledger = 'catalog/c';
const collection = 'newer';
const key = 'voucher';
const pool = `${collection}/${key}`;

/** A till of a later version writes kinds that nobody else knows: to be ignored, or to stop spending (JRN12). */
function write(scene: Scene, till: Till, code: number, body: Uint8Array): void {
	const { writer } = till.replica.core;
	const stops = code >= 128 ? [pool] : [];
	scene.fault('newer', `${till.name} writes an entry of a kind ${code} that is not known here`, till);
	writer.write([writer.draft(ledger, [{ kind: 'unknown', code, stops, body }], [])]).catch(() => {}); // the disk has told the replica
}

/** Somebody takes one of the vouchers: what it may not, once it has seen such an entry. */
function spend(scene: Scene, till: Till, document: string): void {
	const { replica } = till;
	const vouchers = replica.ledger(ledger).pool(collection);
	scene.tell(`${till.name}: use a voucher`);
	const told = scene.judge.spending(till, ledger, pool);
	const spent = replica.commit((tx) => {
		if (vouchers.mine(key) === 0) tx.mint(vouchers, key, 3, document);
		tx.spend(vouchers, key, 1);
	});
	spent.then(
		(outcome) => {
			if (till.running !== replica) return; // nobody was there any more to be told
			scene.tell(`${till.name}: use a voucher: ${outcome.ok ? 'done' : outcome.code}`);
			told(outcome);
		},
		(error: unknown) => scene.failed(till, 'use a voucher', error),
	);
}

export const newer: Accident = async (scene, till, chance) => {
	const other = chance.pick(scene.running);
	const document = `voucher-${chance.next()}`;
	if (chance.chance(60)) spend(scene, other, document);
	if (chance.chance(35)) {
		const name = Buffer.from(pool);
		write(scene, till, 200 + chance.below(3), Uint8Array.of(1, name.length, ...name));
	} else if (chance.chance(40)) write(scene, till, 100 + chance.below(3), Uint8Array.of(chance.below(256)));
	else spend(scene, till, `${document}-`);
	return till;
};
