import { HttpProtocolError } from '../../errors.ts';
import type { DecidingFields } from './fields.ts';
import { isDigits, listElements } from './grammar.ts';

/** How the end of a request's body is known: its length in bytes (0: none), or chunk by chunk. */
export type BodyLength = number | 'chunked';

/**
 * Decides where the body of a request ends. Whatever two readers could understand differently is refused.
 *
 * @throws {HttpProtocolError} 400, 413 or 501.
 * @see RFC 9112 §6 — Message Body
 */
export function bodyLength(fields: DecidingFields, version: '1.0' | '1.1'): BodyLength {
  const lengths = fields['content-length'];
  const codings = fields['transfer-encoding'];
  if (codings.length === 0) return lengths.length === 0 ? 0 : contentLength(lengths);

  if (lengths.length > 0) {
    throw new HttpProtocolError(400, 'Transfer-Encoding and Content-Length together (RFC 9112 §6.1)');
  }
  if (version === '1.0') throw new HttpProtocolError(400, 'Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1)');
  checkCoding(codings);
  return 'chunked';
}

function contentLength([value = '', second]: readonly string[]): number {
  if (second !== undefined) throw new HttpProtocolError(400, 'more than one Content-Length (RFC 9112 §6.3)');
  if (value === '' || !isDigits(value)) {
    throw new HttpProtocolError(400, 'Content-Length is not a number (RFC 9110 §8.6)');
  }
  const length = Number(value);
  if (!Number.isSafeInteger(length)) throw new HttpProtocolError(413, 'Content-Length is beyond any limit');
  return length;
}

function checkCoding([value = '', second]: readonly string[]): void {
  if (second !== undefined) {
    throw new HttpProtocolError(400, 'more than one Transfer-Encoding (RFC 9112 §6.1)');
  }
  const codings = listElements(value.toLowerCase());
  if (codings.at(-1) !== 'chunked') {
    throw new HttpProtocolError(400, 'the last transfer coding is not chunked (RFC 9112 §6.3)');
  }
  if (codings.indexOf('chunked') !== codings.length - 1) {
    throw new HttpProtocolError(400, 'chunked more than once (RFC 9112 §6.1)');
  }
  if (codings.length > 1)
    throw new HttpProtocolError(501, 'only the transfer coding chunked is known (RFC 9112 §6.1)');
}
