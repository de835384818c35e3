import { UsageError } from '../../errors.ts';

/** A body that is known as a whole before the head is written. */
export type WholeBody = string | Uint8Array;

export function checkStatus(status: number): void {
  const known = Number.isInteger(status) && status >= 100 && status <= 599;
  if (known && status !== 101) return;
  const why = status === 101 ? 'protocols are switched by the connection' : 'a status is 200 to 599';
  throw new UsageError('E_HTTP_STATUS', `status ${status} cannot be sent: ${why}`);
}

export function checkBody(status: number, body: unknown): void {
  if (isWhole(body)) {
    if (body.length > 0 && !mayHaveBody(status)) throw bodyless(status);
    return;
  }
  const isStream = typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
  if (!isStream) {
    throw new UsageError('E_HTTP_BODY', `a body is text, bytes or a stream of them, not ${typeof body}`);
  }
  if (!mayHaveBody(status)) throw bodyless(status);
}

export function isWhole(body: unknown): body is WholeBody {
  return typeof body === 'string' || body instanceof Uint8Array;
}

export function bodyless(status: number): UsageError {
  return new UsageError('E_HTTP_BODY', `a response with status ${status} has no body (RFC 9110 §15)`);
}

export function mayHaveBody(status: number): boolean {
  return hasLength(status) && status !== 205;
}

/** @see RFC 9110 §8.6 — Content-Length; 304 speaks of another response's body */
export function hasLength(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}
