import type { EventEmitter } from 'node:events';
import { isIPv4, isIPv6 } from 'node:net';
import type { Service } from 'bonjour-service';
import { TillmeshError } from '../../src/base/errors.js';
import type { Timers } from '../../src/ports/platform.js';
import type { Announcement, Discovery, DiscoveryEvents, Sighting } from './discovery.js';

/** `_tillmesh._tcp.local` */
const type = 'tillmesh';
/** How often everybody is asked again, for answers that were lost and networks that changed. */
const askMs = 60_000;
/** A device with more is not one that we would reach by trying them all. */
const addressesMax = 4;
/** DNS allows a label of 63 bytes. */
const deviceCharsMax = 40;

async function loadBonjour(): Promise<typeof import('bonjour-service')> {
	try {
		return (await import('bonjour-service')).default;
	} catch (cause) {
		const what =
			'Devices on the LAN are found by bonjour-service: npm install it, or name `peers` and set announce: false.';
		throw new TillmeshError('unavailable', what, { missing: 'bonjour-service' }, cause);
	}
}

/** Link-local addresses of IPv6 mean nothing without the name of an interface. */
const isUsable = (host: string): boolean => isIPv4(host) || (isIPv6(host) && !/^fe[89ab]/i.test(host));

function sightingOf(service: Service): Sighting | undefined {
	const { chain, device }: Record<string, unknown> = { ...service.txt };
	if (typeof chain !== 'string' || typeof device !== 'string' || device === '') return undefined;
	// Where the packet came from is an address that reaches this machine.
	const hosts = [service.referer?.address, ...(service.addresses ?? [])].filter((host) => host !== undefined);
	const addresses = [...new Set(hosts.filter(isUsable))].slice(0, addressesMax);
	return addresses.length > 0 ? { chain, device, port: service.port, addresses } : undefined;
}

/**
 * Discovery by multicast DNS (RFC 6762, 6763) with the optional package bonjour-service. `host` is the address that is
 * listened on: where it is one interface's, no other is used.
 */
export function mdns(host: string, random: () => number): Discovery {
	// Handed on to multicast-dns, which the package's types do not tell.
	const options: object = isIPv4(host) && host !== '0.0.0.0' ? { interface: host, bind: '0.0.0.0' } : {};
	return {
		start(own, events, timers) {
			let stop = () => {};
			let stopped = false;
			loadBonjour().then(
				(Bonjour) => {
					if (!stopped) stop = run(new Bonjour(options, events.problem), own, events, timers, random);
				},
				(error: Error) => events.problem(error),
			);
			return () => {
				stopped = true;
				stop();
			};
		},
	};
}

function run(
	bonjour: import('bonjour-service').Bonjour,
	own: Announcement,
	events: DiscoveryEvents,
	timers: Timers,
	random: () => number,
): () => void {
	// Its sockets say here what they cannot do; unheard, that would end the process.
	const { server } = bonjour as unknown as { readonly server: { readonly mdns: EventEmitter } };
	for (const word of ['error', 'warning']) server.mdns.on(word, events.problem);
	const browser = bonjour.find({ type });
	const seen = (service: Service): void => {
		const sighting = sightingOf(service);
		if (sighting) events.seen(sighting);
	};
	browser.on('up', seen).on('srv-update', seen).on('txt-update', seen);
	// Another name for each start: the last one's records may still be remembered by others.
	const suffix = Math.floor(random() * 2 ** 32).toString(36);
	const { chain, device, port } = own;
	const name = `${device.slice(0, deviceCharsMax)}-${suffix}`;
	bonjour.publish({ name, type, port, txt: { chain, device }, probe: false });
	let cancel = () => {};
	const ask = (): void => {
		browser.expire();
		browser.update();
		cancel = timers.after(askMs, ask, true);
	};
	cancel = timers.after(askMs, ask, true);
	return () => {
		cancel();
		bonjour.unpublishAll(() => bonjour.destroy());
	};
}
