import type { EventEmitter } from 'node:events';
import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Service } from 'bonjour-service';
import { TillmeshError } from '../../src/base/errors.js';
import type { Timers } from '../../src/ports/platform.js';
import type { Announcement, Discovery, DiscoveryEvents, Sighting } from './discovery.js';

/** `_tillmesh._tcp.local` */
const type = 'tillmesh';
/** How often everybody is asked again, for answers that were lost, and interfaces are looked at. */
const lookMs = 30_000;
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

/** Where to announce: the one interface that is listened on, or every one that leads off this machine. */
function interfacesFor(host: string): ReadonlySet<string> {
	if (isIPv4(host) && host !== '0.0.0.0') return new Set([host]);
	const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
	const found = all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
	return new Set(found.length > 0 ? found : ['127.0.0.1']);
}

/**
 * Discovery by multicast DNS (RFC 6762, 6763) with the optional package bonjour-service. Each network interface has a
 * responder of its own: one for all would speak on the default route alone, and on a network without a router nowhere.
 */
export function mdns(host: string, random: () => number): Discovery {
	return {
		start(own, events, timers) {
			let stop = () => {};
			let stopped = false;
			loadBonjour().then(
				(Bonjour) => {
					// Another name for each start: others may remember the last one's records for a while.
					const name = `${own.device.slice(0, deviceCharsMax)}-${Math.floor(random() * 2 ** 32).toString(36)}`;
					const open = (address: string): Responder =>
						respond(new Bonjour(on(address), events.problem), name, own, events);
					if (!stopped) stop = everywhere(host, open, timers);
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

/** Handed on to multicast-dns, which the package's types do not tell. */
const on = (address: string): object => ({ interface: address, bind: '0.0.0.0' });

interface Responder {
	/** Asks again who is there. */
	ask(): void;
	stop(): void;
}

/** A responder for each interface, now and when some come and go. */
function everywhere(host: string, open: (address: string) => Responder, timers: Timers): () => void {
	const responders = new Map<string, Responder>();
	let cancel = () => {};
	const look = (): void => {
		const wanted = interfacesFor(host);
		for (const [address, responder] of responders) {
			if (wanted.has(address)) {
				responder.ask();
				continue;
			}
			responder.stop();
			responders.delete(address);
		}
		for (const address of wanted) if (!responders.has(address)) responders.set(address, open(address));
		cancel = timers.after(lookMs, look, true);
	};
	look();
	return () => {
		cancel();
		for (const responder of responders.values()) responder.stop();
	};
}

function respond(
	bonjour: import('bonjour-service').Bonjour,
	name: string,
	{ chain, device, port }: Announcement,
	events: DiscoveryEvents,
): Responder {
	// Its sockets say here what they cannot do; unheard, that would end the process.
	const { server } = bonjour as unknown as { readonly server: { readonly mdns: EventEmitter } };
	for (const word of ['error', 'warning']) server.mdns.on(word, events.problem);
	const browser = bonjour.find({ type });
	const seen = (service: Service): void => {
		const sighting = sightingOf(service);
		if (sighting) events.seen(sighting);
	};
	browser.on('up', seen).on('srv-update', seen).on('txt-update', seen);
	bonjour.publish({ name, type, port, txt: { chain, device }, probe: false });
	return {
		ask() {
			browser.expire();
			browser.update();
		},
		stop: () => bonjour.unpublishAll(() => bonjour.destroy()),
	};
}
