import type { TrustOptions } from '../../../src/replica/options.js';
import { createEnrolmentDesk, grantsOf, requestText } from '../../../src/trust.js';
import { nodePlatform } from '../../platform-node/index.js';
import { Wrong } from '../../relay/cli/words.js';
import type { Language } from '../../relay/http/language.js';
import { deskTexts } from '../texts-by-language.js';
import { readKeyFile } from './key-file.js';

const days = 365;

/** A relay on the machine that holds its store's key needs to ask nobody: it and the home beside it are enrolled by that key. */
export function relayTrust(file: string, store: string, language: Language): TrustOptions {
	const texts = deskTexts[language];
	const platform = nodePlatform();
	const desk = createEnrolmentDesk({ platform, issuer: readKeyFile(file, texts) });
	if (desk.store !== store) throw new Wrong(texts.trust.otherStore(file, desk.store, store));
	return {
		root: desk.root,
		async enrol(request) {
			const { code } = desk.invite({ role: 'relay', grants: grantsOf('relay', store), days });
			const { credential } = await desk.answer(requestText(platform.crypto.sha256, { ...request, store }, code));
			return credential;
		},
	};
}
