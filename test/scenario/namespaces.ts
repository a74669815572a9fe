/** Machines of a network of their own, as network namespaces on one bridge. Needs root and Linux. */
import { execFileSync } from 'node:child_process';

const ip = (...args: string[]): void => {
	execFileSync('ip', args, { stdio: 'ignore' });
};

export class Namespaces {
	readonly #prefix = `tm${process.pid}`;
	readonly #made: string[] = [];
	readonly #hub: string;

	constructor() {
		this.#hub = this.#add('hub');
		try {
			ip('-n', this.#hub, 'link', 'add', 'bridge', 'type', 'bridge');
			ip('-n', this.#hub, 'link', 'set', 'bridge', 'up');
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Whether this machine lets a test have them. */
	static allowed(): boolean {
		try {
			new Namespaces().close();
			return true;
		} catch {
			return false;
		}
	}

	/** A machine on the bridge; `number` is the end of its address. It has no route off this network. */
	machine(number: number): { readonly address: string; readonly command: readonly string[] } {
		const name = this.#add(String(number));
		const address = `10.77.0.${number}`;
		const [cable, port] = [this.#cable(number), 'eth0'];
		ip('-n', this.#hub, 'link', 'add', cable, 'type', 'veth', 'peer', 'name', port, 'netns', name);
		ip('-n', this.#hub, 'link', 'set', cable, 'master', 'bridge', 'up');
		ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', port);
		for (const device of ['lo', port]) ip('-n', name, 'link', 'set', device, 'up');
		return { address, command: ['ip', 'netns', 'exec', name] };
	}

	/** Pulls a machine's cable out of the bridge. */
	pull(number: number): void {
		ip('-n', this.#hub, 'link', 'set', this.#cable(number), 'down');
	}

	plug(number: number): void {
		ip('-n', this.#hub, 'link', 'set', this.#cable(number), 'up');
	}

	close(): void {
		for (const name of this.#made) ip('netns', 'del', name);
	}

	#cable(number: number): string {
		return `cable${number}`;
	}

	#add(name: string): string {
		const full = `${this.#prefix}-${name}`;
		ip('netns', 'add', full);
		this.#made.push(full);
		return full;
	}
}
