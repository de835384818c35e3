import type { Sentence } from './finding.ts';
import { foreign } from './foreign.ts';

/** What stands in the gaps of a sentence; a sentence where the languages differ. */
export type Values = Readonly<Record<string, string | number | Sentence>>;

/** A sentence whose `{gaps}` are filled; whatever is put in passes the border for foreign text. */
export function say(sentence: Sentence, values: Values = {}): Sentence {
  return { en: filled(sentence.en, values, 'en'), tr: filled(sentence.tr, values, 'tr') };
}

/** The same in every language: numbers, addresses, names. */
export function same(text: string): Sentence {
  const clean = foreign(text);
  return { en: clean, tr: clean };
}

function filled(text: string, values: Values, language: keyof Sentence): string {
  const whole = text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? '';
    return foreign(typeof value === 'object' ? value[language] : String(value));
  });
  return whole.trimEnd();
}
