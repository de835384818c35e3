import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Inbox } from '../../../src/bytes/inbox.ts';
import { sourceOf } from '../../../src/bytes/source.ts';
import { HttpProtocolError } from '../../../src/errors.ts';

const RANDOM_CUTS = 20;

/** What a reader made of some bytes: what it read, how it refused, and what it left. */
export interface Outcome<T> {
  readonly result: T | undefined;
  readonly refusal: { readonly status: number; readonly message: string } | undefined;
  readonly rest: string;
}

/**
 * Runs the bytes whole, one by one and in random pieces, and insists on the same outcome each time.
 *
 * @returns that outcome.
 */
export function everyCut<T>(bytes: Buffer, run: (pieces: readonly Buffer[]) => T): T {
  const whole = run([Buffer.from(bytes)]);
  assert.deepEqual(run(pieces(bytes, 1)), whole, 'byte by byte');
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 6 }), (cuts) => {
      assert.deepEqual(run(cutAt(bytes, cuts)), whole, `cut at ${cuts}`);
    }),
    { numRuns: RANDOM_CUTS },
  );
  return whole;
}

/** Drives a reader until its first result: each piece is lent, read, and spoiled when its loan has ended. */
export function drive<T>(pieces: readonly Buffer[], read: (inbox: Inbox) => T | undefined): Outcome<T> {
  const inbox = new Inbox();
  let result: T | undefined;
  try {
    for (const piece of pieces) {
      inbox.push(sourceOf(piece), 0, piece.length);
      result ??= read(inbox);
      inbox.retain();
      piece.fill(0xee);
    }
  } catch (error) {
    return { result: undefined, refusal: refusalOf(error), rest: '' };
  }
  return { result, refusal: undefined, rest: inbox.take().toString('latin1') };
}

/** The comparable part of a refusal; anything else that was thrown goes on. */
export function refusalOf(error: unknown): { status: number; message: string } {
  if (!(error instanceof HttpProtocolError)) throw error;
  return { status: error.status, message: error.message };
}

export function pieces(bytes: Buffer, size: number): Buffer[] {
  const list: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) list.push(Buffer.from(bytes.subarray(at, at + size)));
  return list;
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => Buffer.from(bytes.subarray(edges[index], edge)));
}
