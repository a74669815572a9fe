import { type AddressInfo, createServer } from 'node:net';

/** For servers that must be told a port: of 127.0.0.1, free a moment ago. */
export function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const server = createServer();
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(port));
		});
	});
}
