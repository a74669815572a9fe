import type { Language } from '../relay/http/language.js';
import type { DeskTexts } from './texts.js';
import { deskEn } from './texts-en.js';
import { deskZh } from './texts-zh.js';

export const deskTexts: Readonly<Record<Language, DeskTexts>> = { en: deskEn, zh: deskZh };
