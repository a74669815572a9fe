import { AlreadyOpen, TillmeshError } from '../../src/base/errors.js';

/** A Web Lock that the browser takes back with the tab, however the tab ends (JRN1). */
export interface Hold {
	/** Called where the lock is lost while it is held: somebody stole it. */
	onLost: () => void;
	/** Resolves when the next one may have it. Idempotent. */
	release(): Promise<void>;
}

/** Rejects with `AlreadyOpen` while another tab, worker or opening of this origin holds `name`. */
export async function holdName(name: string, holder: string): Promise<Hold> {
	const locks = globalThis.navigator?.locks;
	if (!locks)
		throw new TillmeshError('unavailable', 'Web Locks are missing: serve the page by https.', {
			missing: 'navigator.locks',
		});
	const lockName = `tillmesh/${name}`;
	const held = await request(locks, lockName, { ifAvailable: true });
	if (held === undefined) throw new AlreadyOpen(`The database ${name}`, await holderOf(locks, lockName));
	// Says who we are, to anybody who asks the browser what is held: unlike a stored name it is never that of the one before.
	const since = new Date().toISOString();
	const sign = await request(locks, `${lockName}${signMark}"${holder}" (since ${since})`, { mode: 'shared' });
	const hold: Hold = {
		onLost: () => {},
		async release() {
			await Promise.all([sign?.release(), held.release()]);
		},
	};
	held.lost.then(() => hold.onLost());
	return hold;
}

const signMark = '/held by ';

async function holderOf(locks: LockManager, lockName: string): Promise<string> {
	const { held = [] } = await locks.query();
	const sign = held.find((lock) => lock.name?.startsWith(lockName + signMark));
	return sign?.name?.slice(lockName.length + signMark.length) ?? 'another window that has not said its name yet';
}

interface Held {
	readonly lost: Promise<void>;
	release(): Promise<void>;
}

/** Undefined where the lock is not available. */
function request(locks: LockManager, name: string, options: LockOptions): Promise<Held | undefined> {
	return new Promise((resolve, reject) => {
		let letGo = (): void => {};
		let lose = (): void => {};
		const untilLetGo = new Promise<void>((done) => {
			letGo = done;
		});
		const lost = new Promise<void>((done) => {
			lose = done;
		});
		const ended = locks.request(name, options, (lock) => {
			const release = async (): Promise<void> => {
				letGo();
				await ended.catch(() => {});
			};
			resolve(lock === null ? undefined : { lost, release });
			return lock === null ? undefined : untilLetGo;
		});
		ended.catch((error) => {
			reject(error);
			lose();
		});
	});
}
