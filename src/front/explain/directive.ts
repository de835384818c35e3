/** One directive of a configuration, with its block if it has one. */
export interface Directive {
  /** As written in nginx; in lower case in Apache, where case means nothing. */
  readonly name: string;
  /** The name as it was written, where that differs. */
  readonly written?: string;
  readonly words: readonly string[];
  /** From 1, in the file that was given: of an included file, the line of its include. */
  readonly line: number;
  /** `snippets/wss.conf line 7`: where it stands when it stands in an included file. */
  readonly place?: string;
  readonly block?: readonly Directive[];
}

/** What was read of a text. A text with a problem is not judged further. */
export interface Parsed {
  readonly directives: readonly Directive[];
  readonly problem?: Problem;
}

/** Why a text cannot be read, and where. */
export interface Problem {
  readonly line: number;
  readonly message: string;
  readonly place?: string;
}

/** Blocks in blocks, at most: people need five. */
export const MAX_DEPTH = 50;

const LONGEST = 120;

/** The directive on one line, for a person: without control characters, not endless. */
export function shown({ name, written = name, words }: Directive): string {
  let text = written.slice(0, LONGEST + 1);
  for (const word of words) {
    if (text.length > LONGEST) break;
    text += ` ${quoted(word.slice(0, LONGEST + 1))}`;
  }
  const printable = text.replace(/\p{C}/gu, '?');
  return printable.length > LONGEST ? `${printable.slice(0, LONGEST - 1)}…` : printable;
}

/** A value in a sentence: short enough to be read. */
export function brief(value: string): string {
  return value.length > 60 ? `${value.slice(0, 59)}…` : value;
}

function quoted(word: string): string {
  return word === '' || /[\s;{}]/.test(word) ? `"${word}"` : word;
}
