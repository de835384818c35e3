/**
 * Whatever a terminal, or a reader of lines, would take for more than a character: control characters, what Unicode
 * calls line ends, and what turns the direction of a text.
 */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line that shows what the text holds and does nothing: nobody's text can forge a line or move the cursor. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => NAMES[character] ?? escaped(character));
}

/** The same in a text that is JSON already, where it stays JSON and means the same. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
