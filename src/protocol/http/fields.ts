import { HttpProtocolError } from '../../errors.ts';
import { isBlank, isToken } from './grammar.ts';
import { knownName } from './headers.ts';

/**
 * Reads field lines up to the empty line: `name, value, name, value, …`, names in lower case.
 *
 * The text has passed `HeadScanner`: every CR is part of a CRLF and no control character is in it.
 *
 * @param start index of the first field line in `text`, which ends with an empty line.
 * @throws {HttpProtocolError} 400.
 * @see RFC 9112 §5 — Field Syntax
 */
export function readFields(text: string, start: number): string[] {
  const fields: string[] = [];
  let line = start;
  for (;;) {
    const end = text.indexOf('\r', line);
    if (end <= line) return fields;
    const colon = text.indexOf(':', line);
    if (colon < 0 || colon > end) throw lineWithoutColon(text, line);
    fields.push(readName(text, line, colon), readValue(text, colon + 1, end));
    line = end + 2;
  }
}

function readName(text: string, start: number, colon: number): string {
  const name = text.slice(start, colon);
  const known = knownName(name);
  if (known !== undefined) return known;
  if (!isToken(name)) throw badName(text, start, colon);
  return name.toLowerCase();
}

function readValue(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function lineWithoutColon(text: string, line: number): HttpProtocolError {
  if (isBlank(text.charCodeAt(line))) return folded();
  return new HttpProtocolError(400, 'a header line has no colon (RFC 9112 §5)');
}

function badName(text: string, start: number, colon: number): HttpProtocolError {
  if (isBlank(text.charCodeAt(start))) return folded();
  if (start === colon) return new HttpProtocolError(400, 'a header line has no name (RFC 9112 §5)');
  if (isBlank(text.charCodeAt(colon - 1))) {
    return new HttpProtocolError(400, 'whitespace between a header name and its colon (RFC 9112 §5.1)');
  }
  return new HttpProtocolError(400, 'a header name holds a character that is not allowed (RFC 9110 §5.1)');
}

function folded(): HttpProtocolError {
  return new HttpProtocolError(
    400,
    'a header line begins with whitespace: folding is obsolete (RFC 9112 §5.2)',
  );
}
