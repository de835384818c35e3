import process from 'node:process';

export type Language = 'en' | 'tr';

/** The language of sentences: Turkish where the environment says so, else English. */
export function language(environment: Readonly<Record<string, string | undefined>> = process.env): Language {
  const wanted = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  return /^tr(?![a-z])/i.test(wanted) ? 'tr' : 'en';
}
