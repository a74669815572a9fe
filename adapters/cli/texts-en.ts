import { wrongs } from '../../src/inspect/audit-wrongs.js';
import type { Finding } from '../../src/inspect/diagnosis.js';
import type { DeskTexts } from './texts.js';
import { trustEn } from './trust/texts-en.js';

const n = (amount = 0) => amount.toLocaleString('en');
const rows = (amount = 0) => `${n(amount)} ${amount === 1 ? 'row' : 'rows'}`;
const whose = ({ name, device = '' }: Finding) => (name === undefined ? device : `${name} (${device})`);
const such = ({ subjects = [], amount = 0 }: Finding) =>
	subjects.length === 0 ? '' : `: ${subjects.join(', ')}${amount > subjects.length ? ', …' : ''}`;

const kinds = {
	oversell: 'sold beyond what was there',
	'double-mint': 'one document booked by two devices',
	'double-key': 'one key used by two devices',
} as const;

/** What a gate found: `limit order.refund`. */
function forbidden(reason: string): string {
	const [what = '', of = ''] = reason.split(' ');
	const words: Readonly<Record<string, string>> = {
		limit: `${of} beyond the limit of its certificate, without a manager's signed yes to exactly that`,
		verb: `documents of ${of === '' ? 'no verb' : of}, which its certificate does not allow`,
		mint: `units of ${of}, which its certificate does not allow`,
		set: `cells of ${of}, which its certificate does not allow`,
		credential: 'under no certificate of this chain',
		write: 'in a ledger that its certificate does not let it write',
	};
	return words[what] ?? `what only a home may (${reason})`;
}

export const deskEn: DeskTexts = {
	usage: 'Usage:',
	options: 'options',
	required: 'required',
	about: {
		export: [
			'Writes who did what, when, on which device, as lines of JSON that anybody can check without us:',
			'every entry in words and in bytes, under the seals of the devices. See docs/AUDIT.md.',
			'Only looks: a till or relay that runs goes on undisturbed.',
		],
		'verify-log': [
			'Checks a file that `tillmesh export` wrote, from that file alone: hash chains, seals, and that what people',
			'read there is what the bytes say. Names the first thing that is wrong, and ends with 1.',
		],
		doctor: [
			'Says how a till or a relay is, what is wrong with it, and what to do next. Ends with 1 where something is broken.',
			'Only looks: a till or relay that runs goes on undisturbed.',
		],
		explain: [
			'Tells of something scarce, such as stock/sh-014/CUP-L, who brought it in, sold it, passed it on, and has it.',
			'POOL is the name of a ledger, a slash, and the key.',
		],
		'chain init': [
			'Makes the root key of a chain, once: its secret in a file that you alone can read, its public key beside it.',
			'With it nobody is believed further than certificates go that come from this key.',
		],
		'chain store': [
			'Makes the key of a store and signs it with the root key: one file, to be brought to the machine of the manager.',
			'Run it again before the certificate ends: devices that ask again go under the new one.',
		],
		'chain device': [
			"Gives one of headquarters' own devices a certificate, signed by the root key itself: with --listen over the network,",
			'else by a request and an answer that people carry. See tillmesh enrol serve and tillmesh enrol answer.',
		],
		'enrol serve': [
			'Makes a one-time code for a new device, or for one whose certificate ends, and answers it over the LAN: enrolBy in',
			'the program of the till asks here. Ends with 0 once the device has its certificate, with 1 where nobody came.',
		],
		'enrol renew': [
			'Answers devices of the store that ask for their certificate to be renewed, without a code, until it is stopped: what',
			'they may stays as it was, for as long again. enrolBy asks here by itself when replica.renew() is called.',
		],
		'enrol answer': [
			'The same without a network: makes a one-time code, takes the request that the device shows (scanned or pasted), and',
			'writes the answer to be brought back. Only the answer goes to the output; --qr draws it as well.',
		],
	},
	optionHelp: {
		data: "a till's SQLite file, or a relay's data folder or relay.db",
		'key-file': 'of encrypted data: the file of its key, 32 bytes or 64 hex digits, readable by its owner alone',
		from: 'from this day on, such as 2026-02-14, or from an instant such as 2026-02-14T08:00:00Z',
		to: 'up to and with this day, or up to an instant',
		format: 'the form of the file: ndjson, which is the only one',
		out: 'write into this new file instead of to the terminal',
		last: 'how many entries at most, the newest (default: 20)',
		root: "the chain's public root key, or the file that it is in: then also who had a right to write what",
		dir: 'folder of the root key (default: chain-keys)',
		key: "file of the store's key, from tillmesh chain store",
		name: 'only for a device that calls itself so',
		'chain init name': 'name of the chain, for people (default: main)',
		days: 'for how many days the certificate holds (default: 365 for a store, 90 for a device)',
		minutes: 'for how many minutes the code holds (default: 5)',
		role: 'cashier (default), warehouse, manager or relay; headquarters under the root key',
		module: "a vendor's module whose documents the device may write; may come again",
		replaces: 'name of the device whose place it takes: the same till with a new disk',
		qr: 'draw a QR code too: of the address and the code, or of the answer',
		listen: 'where devices ask: 0.0.0.0:7450 for the whole LAN, 127.0.0.1:7450 for this machine',
		origin: 'web pages that may ask, such as https://till.example.com; may come again',
		'tls-cert': 'certificate (PEM), for pages that came by https',
		'tls-key': 'its key (PEM)',
		json: 'for programs: JSON instead of words',
		lang: 'language of messages',
		help: 'this text',
	},
	sub: (group, names) => `Say what to do: ${names.map((name) => `tillmesh ${group} ${name}`).join(', ')}`,
	seeHelp: (command) => `See: tillmesh ${command} --help`,
	failed: (why) => `It did not work: ${why}`,
	advice: {
		storage_corrupt:
			'\nStop using this file and keep a copy of it. What the till had passed on is safe: open it with a new file and let it sync.',
		wrong_key: '\nName the file of its key with --key-file, or leave that out where the data is not encrypted.',
		storage_foreign: '\nName the file that the till was opened with, or the data folder of the relay.',
	},
	expected: {
		date: 'a day such as 2026-02-14, or an instant such as 2026-02-14T08:00:00Z',
		count: 'a whole number from 1',
		format: 'ndjson',
	},
	file: {
		exists: (file) => `${file} is there already: name a new file.`,
		missing: (file) => `There is no file ${file}.`,
	},
	trust: trustEn,
	exported: (count, epochs, file) =>
		`${rows(count)} of ${n(epochs)} epochs are in ${file}. To check it: tillmesh verify-log ${file}`,
	verify: {
		progress: (count, percent) => `${rows(count)} checked, ${percent} %`,
		good: 'The log is as its devices signed it: no line was changed, added or taken out.',
		byRight: 'Every device had the right to write what it wrote, by the root key that was given.',
		rightsUnknown: 'Who had a right to write was not asked: --root says by which root key.',
		bad: 'The log is NOT as it was written.',
		chain: 'Chain',
		time: 'Time',
		all: 'everything that was kept',
		counts: (c) => `${rows(c.rows)} of ${n(c.epochs)} epochs, under ${n(c.seals)} seals`,
		unsealed: (count) => `${rows(count)} had been left out: no device had signed them yet when the log was written.`,
		covered: (count, ledger, checkpoint) =>
			`${ledger}: ${rows(count)} were dropped before the log was written; checkpoint ${checkpoint} stands for them.`,
		notHere: (epochs) => `Entries name ${n(epochs)} epochs of other ledgers or times that this log does not hold.`,
		wrong: wrongs,
		where: {
			line: (line) => `line ${n(line)}`,
			epoch: 'epoch',
			row: 'row',
			ledger: 'ledger',
			device: 'device',
			field: 'field',
			said: 'the log says',
			is: 'the bytes say',
			why: 'no right to',
		},
	},
	doctor: {
		till: 'A till',
		relay: 'A relay',
		chain: 'Chain',
		device: 'Device',
		size: 'On disk',
		sound: 'Nothing is wrong with it.',
		counts: (errors, warnings, notes) => `${n(errors)} broken, ${n(warnings)} to look at, ${n(notes)} to know.`,
		severity: { error: 'BROKEN', warning: 'LOOK', note: 'note' },
		next: 'Next:',
		troubles: {
			cloned: () => ({
				what: 'A copy of this till wrote too, under the same name: a restored backup, or a cloned disk. It spends nothing any more.',
				next: 'Switch the other copy off. Connect this till to the home of its ledgers: there it gets a new name by itself.',
			}),
			fenced: (f) => ({
				what: `This device was given up as lost${such(f)}, and its shares were taken back. What it sold is booked.`,
				next: 'Connect it to the others: it goes on under a new name by itself.',
			}),
			not_conserved: (f) => ({
				what: `The sums of ${f.pool} in ${f.ledger} do not add up: ${n(f.amount)} too many were brought in.`,
				next: 'This is a fault of the program. Keep a copy of the file and report it, with the output of `tillmesh export`.',
			}),
			negative_share: (f) => ({
				what: `${whose(f)} has ${n(f.amount)} of ${f.pool} in ${f.ledger}: it gave away more than it had.`,
				next: 'That is the trace of a clone, or of entries that came after a device was given up. Count the goods, and see `tillmesh explain`.',
			}),
			negative_held: (f) => ({
				what: `${whose(f)} has ${n(f.amount)} held of ${f.pool} in ${f.ledger}: it let go of more than it held.`,
				next: 'That is the trace of a clone. See `tillmesh explain`.',
			}),
			upgrade_required: (f) => ({
				what: `A newer version wrote entries that this one does not understand. Nothing is spent from ${n(f.amount)} pools of ${f.ledger}${such(f)}.`,
				next: 'Update this device.',
			}),
			forked_device: (f) => ({
				what: `${whose(f)} wrote twice after the same entry: there is a copy of it. Both count.`,
				next: 'Find the second copy and switch it off. The home gives the device up, and it goes on under a new name.',
			}),
			not_allowed: (f) => ({
				what: `${whose(f)} wrote in ${f.ledger}: ${forbidden(f.subjects?.[0] ?? '')} (${new Date(f.atMs ?? 0).toISOString()}). It was not taken, and counts in no total here.`,
				next: 'Ask who used that device, and whether its program was changed. Where it was right, give it a certificate with more; else end its sessions with `revoke`.',
			}),
			waiting_rows: (f) => ({
				what: `${rows(f.amount)} of ${f.ledger} are here and do not count yet: they go with entries that have not come${such({ ...f, amount: 0 })}.`,
				next: 'Let the till that wrote them connect once. They count as soon as the rest has come.',
			}),
			clock_ahead: (f) => ({
				what: `The clock of ${whose(f)} ran ${n(f.amount)} seconds ahead of this machine's. What it wrote counts all the same.`,
				next: 'Set its clock right, and this one.',
			}),
			open_exceptions: (f) => ({
				what: `${n(f.amount)} times in ${f.ledger}: ${kinds[f.kind ?? 'oversell']}${such(f)}.`,
				next: 'Somebody has to look at them: they stand among the tasks of the till.',
			}),
			after_revocation: (f) => ({
				what: `${rows(f.amount)} of ${whose(f)} in ${f.ledger} came after its sessions were ended (${new Date(f.atMs ?? 0).toISOString()}). They count.`,
				next: 'Look through them with `tillmesh export`: somebody may have sold on the stolen till, or brought what it had sold before.',
			}),
			unsealed_rows: (f) => ({
				what: `${rows(f.amount)} of ${f.ledger} came without the signature that closes them.`,
				next: 'Nothing: the rest comes with the next connection of the till that wrote them.',
			}),
			late_entries: (f) => ({
				what: `${rows(f.amount)} of ${whose(f)} in ${f.ledger} came after it had been given up. They count.`,
				next: 'Count the goods that it sold.',
			}),
			fenced_device: (f) => ({
				what: `${whose(f)} was given up in ${f.ledger}, and its shares went home.`,
				next: 'Nothing.',
			}),
			not_compacted: (f) => ({
				what: `${f.ledger} has ${rows(f.amount)} and no checkpoint: no home of it has been in reach.`,
				next: 'Name a home for it: `tillmesh relay --home`, or `home` where a till is opened.',
			}),
		},
		ledgers: ['Ledger', 'Rows', 'Under checkpoint', 'Waiting', 'Size', 'Newest entry'],
		running:
			'Refused updates, lost disks and who is linked are known to the running program alone: see its status page, or replica.status().',
	},
	explain: {
		sums: ({ minted, spent, held, left, overdrawn }) => [
			`${n(minted)} came in, ${n(spent)} went out, ${n(left)} ${left === 1 ? 'is' : 'are'} left${held > 0 ? ` and ${n(held)} ${held === 1 ? 'is' : 'are'} held for somebody` : ''}.`,
			...(overdrawn > 0 ? [`${n(overdrawn)} more were sold than were there.`] : []),
		],
		has: (name, amount) => `${name} has ${n(amount)}`,
		nobody: 'Nobody has any of it now',
		holders: ['Device', 'Brought in', 'From others', 'Spent', 'Held', 'Has'],
		events: 'What happened, the newest last:',
		more: (count) => `(${n(count)} older ones are not shown: --last says how many)`,
		dropped: (count) =>
			`(of ${rows(count)} of this ledger only the sums are here: a checkpoint stands for them. An archive has them: its relay, or headquarters.)`,
		noEvents: 'No entry about it is here.',
		event: (e) => {
			const { kind, amount, other = '', document = '', reason = '' } = e;
			switch (kind) {
				case 'mint':
					return `brought in ${n(amount)} by ${document}`;
				case 'spend':
					return `spent ${n(amount)}`;
				case 'grant':
					return `gave ${n(amount)} to ${other}`;
				case 'hold':
					return `held ${n(amount)}`;
				case 'capture':
					return `took ${n(amount)} of what was held`;
				case 'release':
					return `let go of ${n(amount)} that were held`;
				case 'expire':
					return `let go of ${n(amount)}, held too long`;
				case 'overdraw':
					return `sold ${n(amount)} that were not there${reason === '' ? '' : ` (${reason})`}`;
				case 'reclaim':
					return `took back ${n(amount)} from ${other}, which was given up`;
			}
		},
		by: (people) => `by ${people}`,
		unknown: (name) => `There is nothing called ${name} here.`,
		nearest: 'Do you mean:',
		empty: 'There is nothing scarce here at all.',
	},
};
