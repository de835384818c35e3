import { trimBlanks } from './grammar.ts';

/**
 * Reads the Cookie fields of a request. Of a name that is sent twice the first counts, which is the one of the
 * longest path; values are left as they were sent, and what has no `=` or no name is no cookie.
 *
 * @param lines values of the Cookie fields.
 * @see RFC 6265 §4.2.1, §5.4 — the Cookie header
 */
export function readCookies(lines: readonly string[]): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of lines.flatMap((line) => line.split(';'))) {
    const equals = pair.indexOf('=');
    const name = trimBlanks(pair.slice(0, Math.max(equals, 0)));
    if (name !== '' && !cookies.has(name)) cookies.set(name, trimBlanks(pair.slice(equals + 1)));
  }
  return cookies;
}
