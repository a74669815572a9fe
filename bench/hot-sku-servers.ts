/** Database servers of the hot SKU, each a cluster of its own in a temporary folder, on loopback, gone afterwards. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { freePort } from './free-port.js';

export interface Database extends AsyncDisposable {
	readonly port: number;
	/** As it names itself. */
	readonly version: string;
}

/** Undefined where no folder of PATH, nor any of `others`, has the command. */
function find(command: string, others: readonly string[] = []): string | undefined {
	const folders = [...(process.env.PATH ?? '').split(delimiter), ...others];
	return folders.map((folder) => join(folder, command)).find((file) => existsSync(file));
}

/** Postgres will not run as root: then it runs as the user that Debian made for it, or as nobody. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const idOf = (flag: string) =>
		['postgres', 'nobody']
			.map((user) => spawnSync('id', [flag, user], { encoding: 'utf8' }))
			.find((id) => id.status === 0);
	return { uid: Number(idOf('-u')?.stdout), gid: Number(idOf('-g')?.stdout) };
}

async function untilReady(server: ChildProcess, isReady: () => boolean | Promise<boolean>): Promise<void> {
	for (let i = 0; i < 400 && server.exitCode === null; i++) {
		if (await isReady()) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`${server.spawnfile} does not answer.`);
}

function accepts(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.once('error', () => resolve(false));
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
	});
}

function running(port: number, version: string, server: ChildProcess, folder: string): Database {
	const kill = () => {
		server.kill('SIGKILL');
		rmSync(folder, { recursive: true, force: true });
	};
	process.once('exit', kill);
	return {
		port,
		version,
		async [Symbol.asyncDispose]() {
			process.off('exit', kill);
			if (server.exitCode === null) {
				const gone = once(server, 'exit');
				server.kill('SIGINT');
				await gone;
			}
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** Settings as they come, which are the durable ones: fsync and synchronous_commit on. Undefined where it is not installed. */
export async function startPostgres(): Promise<Database | undefined> {
	const root = '/usr/lib/postgresql';
	const versions = existsSync(root) ? readdirSync(root).map((version) => join(root, version, 'bin')) : [];
	const found = find('postgres', versions);
	if (!found) return undefined;
	const postgres = realpathSync(found);
	const bin = dirname(postgres);
	const as = unprivileged();
	const folder = mkdtempSync(join(tmpdir(), 'tillmesh-postgres-'));
	if (as) chownSync(folder, as.uid, as.gid);
	const data = join(folder, 'data');
	const options = { ...as, cwd: folder, stdio: 'ignore' } as const;
	execFileSync(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'bench', '-E', 'UTF8', '--locale=C'], options);
	const port = await freePort();
	const server = spawn(
		postgres,
		['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`],
		options,
	);
	const version = execFileSync(postgres, ['--version'], { encoding: 'utf8' }).replace(/[^\d.]*([\d.]+).*\s*/, '$1');
	// It listens before it lets anybody in.
	const ask = () => spawnSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status === 0;
	await untilReady(server, ask);
	return running(port, version, server, folder);
}

/** Every write synced before it is answered. Undefined where it is not installed. */
export async function startRedis(): Promise<Database | undefined> {
	const redis = find('redis-server');
	if (!redis) return undefined;
	const folder = mkdtempSync(join(tmpdir(), 'tillmesh-redis-'));
	const port = await freePort();
	const settings = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
	const server = spawn(redis, [...settings.map(String), '--appendfsync', 'always'], { stdio: 'ignore' });
	const version = /v=([\d.]+)/.exec(execFileSync(redis, ['--version'], { encoding: 'utf8' }))?.[1] ?? '';
	await untilReady(server, () => accepts(port));
	return running(port, version, server, folder);
}
