import type { Inbox } from '../../bytes/inbox.ts';
import { HttpProtocolError } from '../../errors.ts';
import { checkFields } from './fields.ts';
import { bodyLength } from './framing.ts';
import { isDigits, isHost, isToken } from './grammar.ts';
import { HeadScanner } from './head-scanner.ts';
import { Headers } from './headers.ts';
import type { HttpLimits } from './limits.ts';
import type { RequestHead } from './request.ts';
import { readTarget } from './request-target.ts';

const CR = 0x0d;
const LF = 0x0a;
/** First bytes of a TLS handshake record (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR = 0x03;

const METHODS: ReadonlyMap<string, string> = new Map(
  ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].map((method) => [method, method]),
);

/**
 * Reads request heads, strictly: what RFC 9112 lets a server refuse is refused.
 *
 * @see RFC 9112 §3 — Request Line, §5 — Field Syntax
 */
export class RequestHeadReader {
  readonly #scanner: HeadScanner;
  #begun = false;

  constructor(limits: HttpLimits) {
    this.#scanner = new HeadScanner(limits, true);
  }

  /**
   * Consumes one head when it is complete; before that nothing but one empty line in front of it.
   *
   * @throws {HttpProtocolError} 400, 413, 414, 417, 431, 501 or 505.
   */
  read(inbox: Inbox): RequestHead | undefined {
    this.#begun ||= beginHead(inbox);
    if (!this.#begun) return undefined;

    const length = this.#scanner.scan(inbox);
    if (length === undefined) return undefined;

    const text = inbox.bytes.toString('latin1', inbox.position, inbox.position + length);
    inbox.position += length;
    this.#scanner.reset();
    this.#begun = false;
    return parseHead(text);
  }
}

/**
 * Looks at what may come before the request line.
 *
 * @returns false when more bytes are needed to tell.
 */
function beginHead(inbox: Inbox): boolean {
  const { bytes, position, length } = inbox;
  const first = bytes[position];
  if (length === 0 || (length === 1 && (first === CR || first === TLS_HANDSHAKE))) return false;

  const second = bytes[position + 1];
  if (first === TLS_HANDSHAKE && second === TLS_MAJOR) {
    throw new HttpProtocolError(
      400,
      'this port speaks plain HTTP and got TLS: use http:// or ws://, or turn TLS on here',
    );
  }
  if (first === CR && second === LF) inbox.position += 2;
  return true;
}

function parseHead(text: string): RequestHead {
  const lineEnd = text.indexOf('\r');
  const methodEnd = text.indexOf(' ');
  const targetEnd = text.indexOf(' ', methodEnd + 1);
  if (methodEnd < 0 || targetEnd < 0 || targetEnd > lineEnd) throw badRequestLine();

  const method = readMethod(text.slice(0, methodEnd));
  const version = readVersion(text.slice(targetEnd + 1, lineEnd));
  const sent = text.slice(methodEnd + 1, targetEnd);
  if (method === 'CONNECT' || method === 'TRACE') {
    throw new HttpProtocolError(501, `${method} is not offered here (RFC 9110 §9.3)`);
  }
  const target = readTarget(method, sent);
  const fields = checkFields(text, lineEnd + 2);
  checkHost(fields.host, version);
  const headers = headersOf(text, lineEnd + 2, target.authority);
  const length = bodyLength(fields, version);
  const expect = fields.expect.length === 0 ? undefined : fields.expect.join(', ');
  return { method, target: sent, resource: target.resource, version, headers, bodyLength: length, expect };
}

function readMethod(method: string): string {
  const known = METHODS.get(method);
  if (known !== undefined) return known;
  if (!isToken(method)) throw new HttpProtocolError(400, 'the method is not a token (RFC 9110 §9.1)');
  return method;
}

/** A later 1.x is read as 1.1 (RFC 9110 §2.5). */
function readVersion(text: string): '1.0' | '1.1' {
  if (text === 'HTTP/1.1') return '1.1';
  if (text === 'HTTP/1.0') return '1.0';
  const wellFormed = text.length === 8 && text.startsWith('HTTP/') && text[6] === '.';
  if (!wellFormed || !isDigits(`${text[5]}${text[7]}`)) throw badRequestLine();
  if (text[5] !== '1')
    throw new HttpProtocolError(505, `${text} is not spoken here, HTTP/1.1 is (RFC 9110 §15.6.6)`);
  return '1.1';
}

/** @see RFC 9112 §3.2 — Request Target: one valid Host, in HTTP/1.0 at most one */
function checkHost([host, second]: readonly string[], version: '1.0' | '1.1'): void {
  if (second !== undefined) throw new HttpProtocolError(400, 'more than one Host (RFC 9112 §3.2)');
  if (host === undefined && version === '1.1') throw new HttpProtocolError(400, 'no Host (RFC 9112 §3.2)');
  if (host !== undefined && !isHost(host)) {
    throw new HttpProtocolError(400, 'the Host is not valid (RFC 9112 §3.2)');
  }
}

/** The authority of a target in absolute-form takes the place of the Host that was sent (RFC 9112 §3.2.2). */
function headersOf(text: string, start: number, authority: string | undefined): Headers {
  const sent = new Headers(text, start);
  if (authority === undefined) return sent;

  const others = [...sent].filter(([name]) => name !== 'host');
  const lines = [['host', authority], ...others].map(([name, value]) => `${name}: ${value}\r\n`);
  return new Headers(`${lines.join('')}\r\n`);
}

function badRequestLine(): HttpProtocolError {
  return new HttpProtocolError(400, 'the request line is not "METHOD target HTTP/1.1" (RFC 9112 §3)');
}
