// JRN7: a till restored from an old copy answers asks for shares (Shares.answer writes a grant by itself) before its peers
// have given its lost tail back. That is a write on a stale branch: the device forks from itself, is flagged, fenced and
// enrols anew, and pools show a negative share on every replica, though the application wrote nothing before the tail was
// back. Found by `npm run demo -- --days 8` (conserved: members/0 points/8348 negative_share -1 everywhere).
import { openReplica, type Replica } from 'tillmesh';
import { memory, memoryLink } from 'tillmesh/memory';
import { expect, test } from 'vitest';

const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('JRN7 a restored till grants nothing before it has its lost tail back', async () => {
	const timers = memory().platform.timers;
	const open = (name: string, storage = memory(), home: string[] = []) =>
		openReplica({ chain: 'c', name, keeps: ['stock/1'], home, storage });
	const link = (a: Replica, b: Replica, turnMs: number) => {
		const line = memoryLink({ timers, turnMs });
		const offs = [a.addLink(line.a), b.addLink(line.b)];
		return () => {
			for (const off of offs) off();
		};
	};
	const pool = (replica: Replica) => replica.ledger('stock/1').pool('p');
	const equal = async (...replicas: Replica[]) => {
		for (let i = 0; i < 500 && new Set(replicas.map((r) => r.digest('stock/1'))).size > 1; i++) await pause(10);
	};
	const home = await open('home', memory(), ['stock/1']);
	const b = await open('till-b');
	const storage = memory();
	let a = await open('till-a', storage);
	const { device } = a;
	const unlink = link(a, home, 1);
	link(b, home, 1);
	await home.commit((tx) => {
		for (const key of keys) {
			tx.mint(pool(home), key, 10, key);
			tx.grant(pool(home), key, 10, device);
		}
	});
	await equal(home, a, b);
	const copy = storage.copy();
	await a.commit((tx) => {
		for (const key of keys) tx.spend(pool(a), key, 9);
	});
	await equal(home, a, b);
	unlink();
	await a.shutdown();

	const asking = keys.map(async (key, i) => {
		await pause(i * 7);
		await pool(b).ensure(key, 1, { timeoutMs: 3000 });
	});
	a = await open('till-a', copy);
	link(a, home, 40); // a slow line: its heads and its tail take their time
	await Promise.all(asking);
	await equal(home, a, b);
	await home.tend();
	await pause(1500);
	expect({ device: a.device, health: a.status().health.state }).toEqual({ device, health: 'ok' });
	for (const replica of [home, a, b]) expect(replica.check()).toEqual([]);
}, 30_000);
