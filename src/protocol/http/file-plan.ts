import { readRange } from './byte-range.ts';
import type { FileBody } from './file-body.ts';
import { evaluatePreconditions, isSameForRange, type Validators } from './preconditions.ts';
import type { RequestHead } from './request.ts';

/** What is known of a file that was opened. */
export interface FileFacts extends Validators {
  readonly size: number;
  /** Its time of change, as a field has it. */
  readonly lastModified: string;
}

/** How a request for a file is answered. */
export interface FilePlan {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Which bytes of it are the body; none for 304, 412 and 416. */
  readonly start: number;
  readonly length: number;
}

type Asked = Pick<RequestHead, 'method' | 'headers'>;

/**
 * Decides how a file is sent: whether it has changed, and how much of it was asked for.
 *
 * @param status that the answer is to have: only a 200 depends on the request.
 * @param body what of the file was chosen by who answers: that is then not chosen again.
 * @see RFC 9110 §13 — Conditional Requests, §14 — Range Requests
 */
export function planFile(asked: Asked, status: number, facts: FileFacts, body: FileBody): FilePlan {
  if (body.offset > 0 || body.length > 0) return planSlice(asked, status, facts, body);
  const { etag, lastModified, size } = facts;
  const whole = {
    status,
    headers: { ETag: etag, 'Last-Modified': lastModified, 'Accept-Ranges': 'bytes' },
    start: 0,
    length: size,
  };
  if (status !== 200) return whole;
  const verdict = evaluatePreconditions(asked.method, asked.headers, facts);
  if (verdict !== undefined) return { ...whole, status: verdict, length: 0 };
  return planRange(asked, facts, whole);
}

function planRange({ method, headers }: Asked, facts: FileFacts, whole: FilePlan): FilePlan {
  const field = method === 'GET' ? headers.get('range') : undefined;
  if (field === undefined || !isSameForRange(headers.get('if-range'), facts)) return whole;
  const range = readRange(field, facts.size);
  if (range === undefined) return whole;
  if (range === 'unsatisfiable') return unsatisfiable(facts);
  return partial(whole, facts, range.start, range.end - range.start);
}

/** The part that who answers has chosen: 206 where the client has asked for a part. */
function planSlice(asked: Asked, status: number, facts: FileFacts, body: FileBody): FilePlan {
  const { offset } = body;
  const rest = facts.size - offset;
  if (rest < 0) return unsatisfiable(facts);
  const length = body.length > 0 ? Math.min(body.length, rest) : rest;
  const part = { status, headers: {}, start: offset, length };
  const isAsked = status === 200 && asked.method === 'GET' && asked.headers.has('range') && length > 0;
  if (!isAsked) return part;
  return partial(
    { ...part, headers: { ETag: facts.etag, 'Last-Modified': facts.lastModified } },
    facts,
    offset,
    length,
  );
}

function partial(plan: FilePlan, { size }: FileFacts, start: number, length: number): FilePlan {
  const range = `bytes ${start}-${start + length - 1}/${size}`;
  return { status: 206, headers: { ...plan.headers, 'Content-Range': range }, start, length };
}

function unsatisfiable({ size }: FileFacts): FilePlan {
  return { status: 416, headers: { 'Content-Range': `bytes */${size}` }, start: 0, length: 0 };
}
