/** Longer texts from the network are cut where a person reads them, in characters. */
const MAX_SHOWN = 300;

/** Characters that move, colour, hide or turn around what stands next to them. */
const BLANKS = /[\s\p{Zl}\p{Zp}]+/gu;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu;

/**
 * The border between the network and people: what came from there, as one line that does nothing to a
 * terminal, a log or a page but stand in it.
 *
 * Control characters (C0, C1, escape sequences), bidirectional overrides and invisible characters are
 * taken out, runs of blanks become one, and what is long is cut.
 */
export function foreign(text: string, most: number = MAX_SHOWN): string {
  const clean = text
    .slice(0, 4 * most)
    .replace(BLANKS, ' ')
    .replace(UNPRINTABLE, '')
    .trim();
  const characters = [...clean];
  return characters.length > most || text.length > 4 * most
    ? `${characters.slice(0, most).join('')}…`
    : clean;
}
