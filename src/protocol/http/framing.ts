import { HttpProtocolError } from '../../errors.ts';
import { isDigits, listElements } from './grammar.ts';
import type { Headers } from './headers.ts';

/** How the end of a request's body is known: its length in bytes (0: none), or chunk by chunk. */
export type BodyLength = number | 'chunked';

/**
 * Decides where the body of a request ends. Whatever two readers could understand differently is refused.
 *
 * @throws {HttpProtocolError} 400, 413 or 501.
 * @see RFC 9112 §6 — Message Body
 */
export function bodyLength(headers: Headers, version: '1.0' | '1.1'): BodyLength {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding === undefined) return length === undefined ? 0 : contentLength(headers, length);

  if (length !== undefined) {
    throw new HttpProtocolError(400, 'Transfer-Encoding and Content-Length together (RFC 9112 §6.1)');
  }
  if (version === '1.0') throw new HttpProtocolError(400, 'Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1)');
  checkCoding(headers, coding);
  return 'chunked';
}

function contentLength(headers: Headers, value: string): number {
  if (headers.count('content-length') > 1) {
    throw new HttpProtocolError(400, 'more than one Content-Length (RFC 9112 §6.3)');
  }
  if (value === '' || !isDigits(value)) {
    throw new HttpProtocolError(400, 'Content-Length is not a number (RFC 9110 §8.6)');
  }
  const length = Number(value);
  if (!Number.isSafeInteger(length)) throw new HttpProtocolError(413, 'Content-Length is beyond any limit');
  return length;
}

function checkCoding(headers: Headers, value: string): void {
  if (headers.count('transfer-encoding') > 1) {
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
