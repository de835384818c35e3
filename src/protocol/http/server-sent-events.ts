import { UsageError } from '../../errors.ts';
import { Chunk } from './chunk.ts';

/** One event of an event stream. */
export interface ServerSentEvent {
  /** Its type; without one the browser calls `onmessage`. */
  readonly event?: string;
  /** May have several lines. Without it the browser tells nobody. */
  readonly data?: string;
  /** Sent back as `Last-Event-ID` when the browser connects again. */
  readonly id?: string | number;
  /** Milliseconds that the browser waits before it connects again. */
  readonly retry?: number;
  /** Read over by browsers. */
  readonly comment?: string;
}

const LINE_END = /\r\n|\r|\n/;

/** Workerman's words: in its table of fields the comment has no name. */
export interface ServerSentFields extends ServerSentEvent {
  readonly ''?: string;
}

/** An event as a piece of an answer whose Content-Type is `text/event-stream`. */
export class ServerSentEvents extends Chunk {
  /** @throws {UsageError} a field cannot be sent. */
  constructor({ '': comment, ...event }: ServerSentFields) {
    super(eventText(comment === undefined ? event : { comment, ...event }));
  }
}

/**
 * An event as it is sent. Without any field it is an empty comment.
 *
 * @throws {UsageError} a line break in `event` or `id`, a NUL in `id`, or a `retry` that is no whole number.
 * @see WHATWG HTML §9.2.6 — Interpreting an event stream
 */
export function eventText({ event, data, id, retry, comment }: ServerSentEvent): string {
  let text = comment === undefined ? '' : lines('', comment);
  if (event !== undefined) text += `event: ${oneLine('event', event)}\n`;
  if (id !== undefined) text += `id: ${identifier(String(id))}\n`;
  if (retry !== undefined) text += `retry: ${milliseconds(retry)}\n`;
  if (data !== undefined) text += lines('data', data);
  return `${text === '' ? ':\n' : text}\n`;
}

function lines(name: string, text: string): string {
  return String(text)
    .split(LINE_END)
    .map((line) => `${name}: ${line}\n`)
    .join('');
}

function oneLine(name: string, text: string): string {
  if (!LINE_END.test(text)) return text;
  throw new UsageError('E_HTTP_EVENT', `the ${name} of a server-sent event is one line`);
}

function identifier(text: string): string {
  if (!text.includes('\0')) return oneLine('id', text);
  throw new UsageError('E_HTTP_EVENT', 'the id of a server-sent event holds no NUL: browsers ignore it');
}

function milliseconds(retry: number): number {
  if (Number.isSafeInteger(retry) && retry >= 0) return retry;
  throw new UsageError('E_HTTP_EVENT', `retry is a whole number of milliseconds, not ${retry}`);
}
