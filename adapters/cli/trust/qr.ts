import type { Call } from '../call.js';

/** Drawn for a terminal where `--qr` is given, with an empty line on either side; nothing elsewhere. Half a line a row, light on dark. */
export async function qrOf(call: Call, text: string): Promise<string> {
	if (!call.has('qr')) return '';
	const { renderUnicodeCompact } = await import('uqr');
	return `\n${renderUnicodeCompact(text, { border: 2 })}\n\n`;
}
