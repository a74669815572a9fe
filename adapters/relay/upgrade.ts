/**
 * What Node brings with an upgrade, by its shape: whoever compiles against `tillmesh/relay` needs no types of Node for it.
 * A `http.IncomingMessage` is one.
 */
export interface UpgradeRequest {
	readonly url?: string | undefined;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly socket: { readonly remoteAddress?: string | undefined };
}

/** The duplex stream under it, a `net.Socket` mostly. */
export interface UpgradeSocket {
	end(data: string): unknown;
	destroy(): unknown;
}

/** A `http.Server` or a `https.Server`. */
export interface HttpServer {
	readonly listening: boolean;
	address(): unknown;
}
