import { endOfToken, isBlank } from './grammar.ts';

/** A value with parameters behind it: `text/plain; charset=utf-8`. */
export interface Parameterized {
  /** In lower case. */
  readonly value: string;
  /** Names in lower case; of a name that is given twice the first counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads a value such as that of Content-Type or Content-Disposition.
 *
 * A backslash in quotes escapes a quote or a backslash and is itself in front of anything else: browsers
 * and old Windows programs send paths unescaped.
 *
 * @returns `undefined` when it is malformed.
 * @see RFC 9110 §5.6.6 — Parameters
 */
export function readParameterized(text: string): Parameterized | undefined {
  const semicolon = text.indexOf(';');
  const value = (semicolon < 0 ? text : text.slice(0, semicolon)).trim().toLowerCase();
  const parameters = new Map<string, string>();
  let at = semicolon < 0 ? text.length : semicolon;
  while (at < text.length) {
    at = afterBlanks(text, at + 1);
    if (at === text.length || text[at] === ';') continue;
    const parameter = readParameter(text, at);
    if (!parameter) return undefined;
    if (!parameters.has(parameter.name)) parameters.set(parameter.name, parameter.value);
    at = parameter.end;
  }
  return { value, parameters };
}

interface Parameter {
  readonly name: string;
  readonly value: string;
  /** Index of the semicolon behind it, or of the end. */
  readonly end: number;
}

function readParameter(text: string, start: number): Parameter | undefined {
  const equals = endOfToken(text, start);
  if (equals === start || text[equals] !== '=') return undefined;
  const name = text.slice(start, equals).toLowerCase();
  const read =
    text.charCodeAt(equals + 1) === QUOTE ? readQuoted(text, equals + 2) : readBare(text, equals + 1);
  if (!read) return undefined;
  const end = afterBlanks(text, read.end);
  return end === text.length || text[end] === ';' ? { name, value: read.value, end } : undefined;
}

function readBare(text: string, start: number): { value: string; end: number } | undefined {
  const end = endOfToken(text, start);
  return end === start ? undefined : { value: text.slice(start, end), end };
}

function readQuoted(text: string, start: number): { value: string; end: number } | undefined {
  let value = '';
  let from = start;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return { value: value + text.slice(from, at), end: at + 1 };
    if (code !== BACKSLASH || !isEscapable(text.charCodeAt(at + 1))) continue;
    value += text.slice(from, at);
    from = ++at;
  }
  return undefined;
}

function isEscapable(code: number): boolean {
  return code === QUOTE || code === BACKSLASH;
}

function afterBlanks(text: string, start: number): number {
  let at = start;
  while (isBlank(text.charCodeAt(at))) at++;
  return at;
}
