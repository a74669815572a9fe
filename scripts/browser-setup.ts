import { howToGetBrowser, provideBrowser } from './browser.js';

/** Runs once before the browser tests. Under CI a missing browser is a failure; at a desk it is a line, and the tests are skipped. */
export default function setup(): void {
	if (provideBrowser() !== undefined) return;
	if (process.env.CI === 'true') throw new Error(howToGetBrowser);
	console.warn(`browser tests skipped, ${howToGetBrowser}`);
}
