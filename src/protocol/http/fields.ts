import { HttpProtocolError } from '../../errors.ts';
import { endOfToken, isBlank } from './grammar.ts';

const CR = 0x0d;
const COLON = 0x3a;
/** Bytes of a CRLF. */
const LINE_END = 2;

/** The fields that decide how a request is read, line by line, in the order of arrival. */
export interface DecidingFields {
  readonly host: string[];
  readonly 'content-length': string[];
  readonly 'transfer-encoding': string[];
  readonly expect: string[];
}

/**
 * Checks field lines up to the empty line, and picks out those that decide how the message is read.
 *
 * The text has passed `HeadScanner`: every CR is part of a CRLF and no control character is in it.
 *
 * @param start index of the first field line in `text`, which ends with an empty line.
 * @throws {HttpProtocolError} 400.
 * @see RFC 9112 §5 — Field Syntax
 */
export function checkFields(text: string, start: number): DecidingFields {
  const deciding: DecidingFields = { host: [], 'content-length': [], 'transfer-encoding': [], expect: [] };
  for (let line = start; text.charCodeAt(line) !== CR; ) {
    const colon = endOfToken(text, line);
    if (text.charCodeAt(colon) !== COLON || colon === line) throw badLine(text, line, colon);
    const end = text.indexOf('\r', colon);
    const name = decidingName(text, line, colon);
    if (name !== undefined) deciding[name].push(fieldValue(text, colon + 1, end));
    line = end + LINE_END;
  }
  return deciding;
}

/**
 * True when the line at `line` carries this name.
 *
 * @param name in lower case.
 */
export function isNamed(text: string, line: number, name: string): boolean {
  if (text.charCodeAt(line + name.length) !== COLON) return false;
  for (let index = 0; index < name.length; index++) {
    const code = text.charCodeAt(line + index);
    if (code === COLON || lowerCase(code) !== name.charCodeAt(index)) return false;
  }
  return true;
}

/** The value between colon and line end, without whitespace at its ends. */
export function fieldValue(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function decidingName(text: string, line: number, colon: number): keyof DecidingFields | undefined {
  const name = nameOfLength(colon - line);
  return name !== undefined && isNamed(text, line, name) ? name : undefined;
}

function nameOfLength(length: number): keyof DecidingFields | undefined {
  if (length === 4) return 'host';
  if (length === 6) return 'expect';
  if (length === 14) return 'content-length';
  return length === 17 ? 'transfer-encoding' : undefined;
}

function lowerCase(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
}

/** @param wrong index of the first character that belongs neither to a name nor is its colon. */
function badLine(text: string, line: number, wrong: number): HttpProtocolError {
  const end = text.indexOf('\r', line);
  if (isBlank(text.charCodeAt(line))) {
    return new HttpProtocolError(
      400,
      'a header line begins with whitespace: folding is obsolete (RFC 9112 §5.2)',
    );
  }
  const colon = text.indexOf(':', line);
  if (colon < 0 || colon > end) return new HttpProtocolError(400, 'a header line has no colon (RFC 9112 §5)');
  if (colon === line) return new HttpProtocolError(400, 'a header line has no name (RFC 9112 §5)');
  if (isBlank(text.charCodeAt(wrong)) && fieldValue(text, wrong, colon) === '') {
    return new HttpProtocolError(400, 'whitespace between a header name and its colon (RFC 9112 §5.1)');
  }
  return new HttpProtocolError(400, 'a header name holds a character that is not allowed (RFC 9110 §5.1)');
}
