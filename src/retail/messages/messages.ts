import { compareStrings, utf8 } from '../../base/bytes.js';
import { BadArgument } from '../../base/errors.js';
import type { DeviceId, Id, LedgerName } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { Live } from '../../ledger/live.js';
import type { Stamped } from '../../ledger/written.js';
import { checkName } from '../shop/check.js';
import type { Index } from '../shop/index-of.js';
import { ledgers } from '../shop/ledgers.js';
import { declined, no, type Outcome, withValue } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { Head, MaybeKeyed, StaffId } from '../shop/writing.js';

export type MessageId = Id<'message'>;

/** Whoever has the role, or one person. */
export type Recipient = { readonly role: string } | { readonly staff: StaffId };

export type MessageState = 'sent' | 'read';

/** What a reading makes of a message: every reader leaves a receipt. */
const afterRead: Readonly<Record<MessageState, MessageState>> = { sent: 'read', read: 'read' };

export interface Receipt {
	readonly by?: StaffId;
	readonly device: DeviceId;
	readonly atMs: number;
}

/** A ticket: from the till to the kitchen, or to whoever serves. */
export interface Message {
	readonly id: MessageId;
	readonly ledger: LedgerName;
	readonly to: Recipient;
	readonly text: string;
	/** What it is about: an order, an appointment. */
	readonly about?: string;
	readonly ext?: Readonly<Record<string, Json>>;
	readonly from: { readonly by?: StaffId; readonly device: DeviceId };
	readonly atMs: number;
	readonly state: MessageState;
	/** Who has read it, the first one first. */
	readonly receipts: readonly Receipt[];
}

/** ---- the log `message/<id>` in `desk/<store>` ---- */

interface MessageSent extends Head {
	readonly verb: 'message.send';
	readonly to: Recipient;
	readonly text: string;
	readonly about?: string;
}
interface MessageRead extends Head {
	readonly verb: 'message.read';
}
type MessageDocument = MessageSent | MessageRead;

const textBytesMost = 4 * 1024;

/** Tickets within a store, with receipts. Messages to customers are the vendor's. */
export class Messages {
	readonly #shop: Shop;
	readonly #index: Index<MessageDocument, Message>;

	constructor(shop: Shop) {
		this.#shop = shop;
		this.#index = shop.index('messages', 'desk', 'message', foldMessage);
	}

	/** At most 4 KiB of text. On this disk when it resolves, at the others as soon as they are in reach. */
	async send(
		message: { readonly to: Recipient; readonly text: string; readonly about?: string },
		options: MaybeKeyed = {},
	): Promise<Outcome<MessageId>> {
		const { to, text, about } = message;
		checkRecipient('to', to);
		if (typeof text !== 'string' || text === '') throw new BadArgument('text', 'expected a text.');
		if (utf8(text).length > textBytesMost) throw new BadArgument('text', `more than ${textBytesMost} bytes.`);
		if (about !== undefined) checkName('about', about);
		return this.#shop.write('message.send', message, options, (w) => {
			const id = this.#shop.id();
			const sent = { ...w.head, verb: 'message.send', to, text, ...(about !== undefined && { about }) } as const;
			w.append<MessageSent>(ledgers.desk(this.#shop.store), 'message', id, sent);
			return id;
		});
	}

	/** What this store's desk has for a role or for one person, the oldest first; `state: 'sent'` is what nobody has read. */
	inbox(of: Recipient, { state }: { readonly state?: MessageState } = {}): Live<readonly Message[]> {
		checkRecipient('of', of);
		const name = nameOf(of);
		return this.#index.read(() =>
			[...this.#index.values(ledgers.desk(this.#shop.store))]
				.filter((message) => nameOf(message.to) === name && (state ?? message.state) === message.state)
				.sort((a, b) => a.atMs - b.atMs || compareStrings(a.id, b.id)),
		);
	}

	/** Leaves a receipt; the sender sees it. Refuses `unknown_message`, and `wrong_state` to who has left one. */
	async read(id: MessageId, options: MaybeKeyed = {}): Promise<Outcome<void>> {
		checkName('id', id);
		const ledger = this.#index.ledgerOf(id);
		if (ledger === undefined) return declined('unknown_message', this.#shop.settings.locale, id);
		const done = await this.#shop.write('message.read', { id }, options, ({ tx, head, append }) => {
			const { device } = this.#shop;
			const receipts = this.#index.get(id)?.receipts ?? [];
			if (receipts.some((receipt) => receipt.device === device && receipt.by === head.by))
				tx.refuse(no('wrong_state', id));
			append<MessageRead>(ledger, 'message', id, { ...head, verb: 'message.read' });
		});
		return withValue(done, () => undefined);
	}

	/** A message and its receipts. */
	message(id: MessageId): Live<Message | undefined> {
		return this.#index.live(id);
	}
}

function foldMessage(
	id: MessageId,
	entries: readonly Stamped<MessageDocument>[],
	ledger: LedgerName,
): Message | undefined {
	let sent: Omit<Message, 'state' | 'receipts'> | undefined;
	let state: MessageState = 'sent';
	const receipts: Receipt[] = [];
	for (const { value, device, atMs } of entries) {
		const by = value.by !== undefined && { by: value.by };
		if (value.verb === 'message.read') {
			state = afterRead[state];
			receipts.push({ ...by, device, atMs });
			continue;
		}
		const { to, text, about, ext } = value;
		const extra = { ...(about !== undefined && { about }), ...(ext && { ext }) };
		sent ??= { id, ledger, to, text, from: { ...by, device }, atMs, ...extra };
	}
	return sent && { ...sent, state, receipts };
}

const nameOf = (to: Recipient): string => ('role' in to ? `role ${to.role}` : `staff ${to.staff}`);

function checkRecipient(path: string, to: Recipient): void {
	if (typeof to !== 'object' || to === null) throw new BadArgument(path, 'expected { role } or { staff }.');
	if ('role' in to) checkName(`${path}.role`, to.role);
	else checkName(`${path}.staff`, to.staff);
}
