import { printable } from '../../worker/log/printable.ts';

const ASCII = /^[ -~]*$/;
/** Drawn two columns wide: the East Asian scripts, full-width forms and pictures. @see Unicode UAX #11 */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
/** Drawn upon the one before, or not at all. */
const NARROWEST = /^[\p{Mn}\p{Me}\p{Cf}]/u;

/** @returns how many columns of a terminal a text without control characters takes. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/**
 * A text that takes at most so many columns; what was left out is an ellipsis.
 *
 * @param where `end`: the beginning tells it apart. `middle`: both ends do, as with addresses and paths.
 */
export function fit(text: string, width: number, where: 'end' | 'middle' = 'end'): string {
  const clean = printable(text);
  if (displayWidth(clean) <= width) return clean;
  if (width <= 1) return '…'.slice(0, Math.max(0, width));
  const behind = where === 'end' ? 0 : Math.ceil((width - 1) / 2);
  return `${head(clean, width - 1 - behind)}…${tail(clean, behind)}`;
}

/** The text with blanks around it up to this width. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? `${text}${blanks}` : `${blanks}${text}`;
}

function head(text: string, width: number): string {
  let taken = '';
  let left = width;
  for (const character of text) {
    left -= widthOf(character);
    if (left < 0) break;
    taken += character;
  }
  return taken;
}

function tail(text: string, width: number): string {
  const characters = [...text];
  let left = width;
  let from = characters.length;
  while (from > 0) {
    left -= widthOf(characters[from - 1] ?? '');
    if (left < 0) break;
    from--;
  }
  return characters.slice(from).join('');
}

function widthOf(character: string): number {
  if (NARROWEST.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
