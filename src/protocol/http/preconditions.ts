import type { Headers } from './headers.ts';
import { readHttpDate } from './http-date.ts';

/** What tells one state of a representation from another. */
export interface Validators {
  /** With its quotes, and `W/` where two states may share it. */
  readonly etag: string;
  /** Seconds since 1970. */
  readonly modified: number;
}

const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/**
 * Evaluates the preconditions of a request in their order of precedence. Those that cannot be read are ignored.
 *
 * @returns 304 or 412, or `undefined` when the request is to be served.
 * @see RFC 9110 §13.2.2 — Precedence of Preconditions
 */
export function evaluatePreconditions(
  method: string,
  headers: Headers,
  validators: Validators,
): 304 | 412 | undefined {
  const reads = method === 'GET' || method === 'HEAD';
  if (!isAsExpected(headers, validators)) return 412;
  const known = headers.get('if-none-match');
  if (known !== undefined) {
    if (!names(known, validators.etag, isWeaklySame)) return undefined;
    return reads ? 304 : 412;
  }
  const since = headers.get('if-modified-since');
  if (!reads || since === undefined) return undefined;
  const time = readHttpDate(since);
  return time !== undefined && validators.modified <= time ? 304 : undefined;
}

/**
 * Whether a range may be served of what is there now: the client has its beginning already.
 *
 * @see RFC 9110 §13.1.5 — If-Range
 */
export function isSameForRange(ifRange: string | undefined, { etag, modified }: Validators): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.startsWith('"') || ifRange.startsWith('W/')) return isStronglySame(ifRange, etag);
  // While the file may still change within this second its date says too little (RFC 9110 §8.8.2.2).
  return !isWeak(etag) && readHttpDate(ifRange) === modified;
}

function isAsExpected(headers: Headers, { etag, modified }: Validators): boolean {
  const expected = headers.get('if-match');
  if (expected !== undefined) return names(expected, etag, isStronglySame);
  const since = headers.get('if-unmodified-since');
  const time = since === undefined ? undefined : readHttpDate(since);
  return time === undefined || modified <= time;
}

function names(list: string, etag: string, isSame: (one: string, other: string) => boolean): boolean {
  if (list === '*') return true;
  return (list.match(ENTITY_TAG) ?? []).some((one) => isSame(one, etag));
}

/** @see RFC 9110 §8.8.3.2 — Comparison */
function isStronglySame(one: string, other: string): boolean {
  return one === other && !isWeak(one);
}

function isWeaklySame(one: string, other: string): boolean {
  return opaque(one) === opaque(other);
}

function isWeak(etag: string): boolean {
  return etag.startsWith('W/');
}

function opaque(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag;
}
