import * as Y from 'yjs';

export const fromHex = (hex: string): Uint8Array =>
	Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));

/** Some 20 edits with every kind of content that Yjs has, some of them deletions. */
export function writeEverything(doc: Y.Doc, random: () => number): void {
	const text = doc.getText('text');
	const map = doc.getMap('map');
	const list = doc.getArray('list');
	const xml = doc.getXmlFragment('xml');
	const at = (length: number): number => Math.floor(random() * (length + 1));
	const edits: readonly (() => void)[] = [
		() => text.insert(at(text.length), 'héllo 茶 🍵'),
		() => text.insert(at(text.length), 'bold', { bold: true, href: { to: ['x'] } }),
		() => text.insertEmbed(at(text.length), { image: 'cup.png' }),
		() => text.length > 2 && text.delete(at(text.length - 2), 2),
		() => text.length > 2 && text.format(at(text.length - 2), 2, { italic: true }),
		() => map.set(`key ${at(3)}`, { a: [1, 2.5, null, undefined, true, -7, 2n ** 40n], b: 'ü' }),
		() => map.set(`key ${at(3)}`, new Uint8Array([1, 2, 3])),
		() => map.set(`map ${at(3)}`, new Y.Map([['inner', new Y.Text('deep')]])),
		() => map.delete(`key ${at(3)}`),
		() => map.set('sub', new Y.Doc({ guid: 'sub', meta: { n: 1 } })),
		() => list.insert(at(list.length), [1, 'two', { three: 3 }, -1e300, new Uint8Array(0)]),
		() => list.insert(at(list.length), [new Y.Array(), new Y.Map()]),
		() => list.length > 1 && list.delete(at(list.length - 1), 1),
		() => {
			const element = new Y.XmlElement('p');
			element.setAttribute('class', 'x');
			element.insert(0, [new Y.XmlText('in xml')]);
			// Its types leave hooks out.
			xml.insert(at(xml.length), [element, new Y.XmlHook('hook') as never]);
		},
	];
	for (let i = 0; i < 20; i++) {
		const edit = edits[Math.floor(random() * edits.length)];
		// Another device writes on with the same content.
		if (random() < 0.2) doc.clientID = 1 + Math.floor(random() * 1_000_000);
		doc.transact(() => edit?.());
	}
}
