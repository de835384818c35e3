import { Inbox } from '../bytes/inbox.ts';
import { sourceOf } from '../bytes/source.ts';
import { HttpProtocolError } from '../errors.ts';
import { type ResponseHead, ResponseHeadReader } from '../protocol/http/response-head.ts';
import { now } from '../timer.ts';
import type { Line } from './line.ts';

/** Most that is read of one answer, head and body, in bytes. */
export const MAX_ANSWER = 65_536;
const MAX_FIELDS = 1000;
/** Interim responses before the real one. */
const MAX_INTERIM = 10;
/** A body that does not tell its end is waited for no longer, in milliseconds. */
const BODY_MS = 1000;

/** What came back for a request. */
export type Answer =
  | { readonly kind: 'answer'; readonly head: ResponseHead; readonly body: Buffer }
  /** The head is not HTTP as it must be; `bytes` is what came. */
  | { readonly kind: 'not-http'; readonly bytes: Buffer; readonly reason: string }
  | { readonly kind: 'endless'; readonly bytes: Buffer }
  | { readonly kind: 'late'; readonly bytes: Buffer }
  | {
      readonly kind: 'closed';
      readonly how: 'fin' | 'reset';
      readonly error: string;
      readonly bytes: Buffer;
    };

/**
 * Reads one answer: its head, and of its body what comes soon. All together has to come in time and
 * within `MAX_ANSWER`, so neither an endless header nor a slow drip holds the examination up.
 *
 * After a 101 the body is what has already come of the next protocol.
 */
export async function readAnswer(line: Line, milliseconds: number): Promise<Answer> {
  const stop = now() + milliseconds;
  const reader = new ResponseHeadReader({ maxHead: MAX_ANSWER, maxFields: MAX_FIELDS });
  const inbox = new Inbox();
  const seen: Buffer[] = [];
  let size = 0;
  for (;;) {
    const arrival = await line.next(stop - now());
    const bytes = Buffer.concat(seen);
    if (arrival.kind === 'late') return { kind: 'late', bytes };
    if (arrival.kind === 'end') return { ...arrival, kind: 'closed', bytes };
    const part = arrival.bytes.subarray(0, MAX_ANSWER - size);
    seen.push(part);
    size += part.length;
    const head = readHead(reader, inbox, part);
    if (head instanceof HttpProtocolError) {
      const { status, message } = head;
      const kind = status === 431 || status === 414 ? 'endless' : 'not-http';
      return { kind, bytes: Buffer.concat(seen), reason: message };
    }
    if (head) {
      const rest = Buffer.concat([inbox.take(), arrival.bytes.subarray(part.length)]);
      return { kind: 'answer', head, body: head.status === 101 ? rest : await readBody(line, head, rest) };
    }
    if (size >= MAX_ANSWER) return { kind: 'endless', bytes: Buffer.concat(seen) };
  }
}

/** @returns the head of the final response; interim ones are passed over (RFC 9110 §15.2). */
function readHead(
  reader: ResponseHeadReader,
  inbox: Inbox,
  bytes: Buffer,
): ResponseHead | HttpProtocolError | undefined {
  inbox.push(sourceOf(bytes), 0, bytes.length);
  try {
    for (let interim = 0; interim <= MAX_INTERIM; interim++) {
      const head = reader.read(inbox);
      if (head === undefined || head.status === 101 || head.status >= 200) return head;
    }
    return new HttpProtocolError(431, 'interim responses without an end');
  } catch (error) {
    if (error instanceof HttpProtocolError) return error;
    throw error;
  } finally {
    inbox.retain();
  }
}

async function readBody(line: Line, { headers, status }: ResponseHead, first: Buffer): Promise<Buffer> {
  const stop = now() + BODY_MS;
  const announced = Number(headers.get('content-length') ?? Number.NaN);
  const wanted = status === 204 || status === 304 ? 0 : Math.min(MAX_ANSWER, announced || MAX_ANSWER);
  const chunked = headers.has('transfer-encoding');
  let body = first;
  while (body.length < wanted && announced !== 0 && !(chunked && body.subarray(-5).equals(LAST_CHUNK))) {
    const arrival = await line.next(stop - now());
    if (arrival.kind !== 'bytes') break;
    body = Buffer.concat([body, arrival.bytes]);
  }
  return body.subarray(0, MAX_ANSWER);
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n');
