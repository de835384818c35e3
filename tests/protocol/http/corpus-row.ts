/** A request that must be refused, wherever it is cut. */
export interface Refused {
  readonly name: string;
  /** Latin-1. The refusal comes by its last byte at the latest. */
  readonly bytes: string;
  readonly status: number;
  /** Requests in front of it that are complete: method, target and body. */
  readonly served: readonly string[];
  /** The section, CVE or published class; where the RFC leaves a choice, ours. */
  readonly rule: string;
}

/** A stream that looks wrong and is not. */
export interface Accepted {
  readonly name: string;
  readonly bytes: string;
  /** What is read from it, in order: method, target and body. */
  readonly requests: readonly string[];
  readonly rule: string;
}

/** A Host line. */
export const H = 'Host: a\r\n';

/** What an attacker hides behind or inside another request. */
export const POISON: string = `GET /poison HTTP/1.1\r\n${H}\r\n`;

/** A GET with these field lines besides Host. */
export function get(fields: string, target = '/'): string {
  return `GET ${target} HTTP/1.1\r\n${H}${fields}\r\n`;
}

/** A POST with these field lines besides Host, and a body as it goes over the wire. */
export function post(fields: string, body = ''): string {
  return `POST / HTTP/1.1\r\n${H}${fields}\r\n${body}`;
}

/** A POST whose chunked body is these bytes. */
export function chunked(body: string): string {
  return post('Transfer-Encoding: chunked\r\n', body);
}

/** @param requests their bytes by name. */
export function refused(
  status: number,
  rule: string,
  requests: Readonly<Record<string, string>>,
  served: readonly string[] = [],
): Refused[] {
  return Object.entries(requests).map(([name, bytes]) => ({ name, bytes, status, served, rule }));
}

/** @param streams bytes and what is read from them, by name. */
export function accepted(
  rule: string,
  streams: Readonly<Record<string, readonly [bytes: string, ...requests: string[]]>>,
): Accepted[] {
  return Object.entries(streams).map(([name, [bytes, ...requests]]) => ({ name, bytes, requests, rule }));
}
