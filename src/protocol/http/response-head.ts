import type { Inbox } from '../../bytes/inbox.ts';
import { HttpProtocolError } from '../../errors.ts';
import { checkFields } from './fields.ts';
import { isDigits } from './grammar.ts';
import { HeadScanner } from './head-scanner.ts';
import { Headers } from './headers.ts';
import { HTTP_LIMITS, type HttpLimits } from './limits.ts';

/** The head of a response, as a client reads it. */
export interface ResponseHead {
  readonly status: number;
  /** As sent; may be empty. */
  readonly reason: string;
  readonly version: '1.0' | '1.1';
  readonly headers: Headers;
}

/**
 * Reads response heads as strictly as request heads, with the same limits.
 *
 * @see RFC 9112 §4 — Status Line
 */
export class ResponseHeadReader {
  readonly #scanner: HeadScanner;

  constructor(limits: Partial<HttpLimits> = {}) {
    this.#scanner = new HeadScanner({ ...HTTP_LIMITS, ...limits }, true);
  }

  /**
   * Consumes one head when it is complete, and nothing before.
   *
   * @throws {HttpProtocolError} the head is malformed or too large.
   */
  read(inbox: Inbox): ResponseHead | undefined {
    const length = this.#scanner.scan(inbox);
    if (length === undefined) return undefined;

    const text = inbox.bytes.toString('latin1', inbox.position, inbox.position + length);
    inbox.position += length;
    this.#scanner.reset();
    return parseHead(text);
  }
}

/** `HTTP/1.1 SP 3DIGIT SP [reason]`. The space before an absent reason is left out by many servers: taken as well. */
function parseHead(text: string): ResponseHead {
  const line = text.slice(0, text.indexOf('\r'));
  const status = line.slice(9, 12);
  const wellFormed =
    line[8] === ' ' && status.length === 3 && isDigits(status) && (line.length === 12 || line[12] === ' ');
  if (!wellFormed || status < '100' || status > '599') throw badStatusLine();

  checkFields(text, line.length + 2);
  const headers = new Headers(text, line.length + 2);
  return { status: Number(status), reason: line.slice(13), version: readVersion(line.slice(0, 8)), headers };
}

function readVersion(text: string): '1.0' | '1.1' {
  if (!text.startsWith('HTTP/1.') || !isDigits(text, 7)) throw badStatusLine();
  return text === 'HTTP/1.0' ? '1.0' : '1.1';
}

function badStatusLine(): HttpProtocolError {
  return new HttpProtocolError(502, 'the status line is not "HTTP/1.1 status reason" (RFC 9112 §4)');
}
