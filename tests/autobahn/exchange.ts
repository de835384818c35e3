import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import type { Offer } from './deflation.ts';
import * as frames from './frames.ts';
import type { Received } from './message-reader.ts';
import type { Cut, RawClient } from './raw-client.ts';

/** One case of the suite. */
export interface AutobahnCase {
  readonly id: string;
  readonly title: string;
  /** Section of RFC 6455 unless it names another. */
  readonly rfc: string;
  /** What of several outcomes that the suite lets pass, or only reports, we demand. */
  readonly choice?: string;
  /** Offers of permessage-deflate. */
  readonly offers?: readonly Offer[];
  /** Rejects when the server does not behave. `open` connects another client. */
  run(client: RawClient, open: () => Promise<RawClient>): Promise<void>;
}

type Naming = Pick<AutobahnCase, 'id' | 'title' | 'rfc' | 'choice'>;

/** What is sent, what must come back, and how the connection must end. */
export interface Conversation {
  readonly sends: readonly Buffer[];
  readonly cut?: Cut;
  readonly answers?: readonly Answer[];
  readonly end: End;
}

/** A message, or a Pong. */
export type Answer = Pick<Received, 'opcode' | 'payload'>;

interface End {
  /** Sent after the last answer. */
  readonly send?: Buffer;
  /** Payload that the server's Close frame must have. */
  readonly close: Buffer;
  /** The server may reset the connection, since octets can reach it after it has closed. */
  readonly mayReset?: boolean;
}

/** A server that is done closes at once: its deadline for a peer that does not close is 5 s. */
const MAX_CLOSING_MS = 3_000;

/** The client closes with 1000 after the answers; the server answers the same. */
export const CLEAN: End = { send: frames.close(1000), close: frames.closePayload(1000) };

/** The server closes by itself, with this code and any reason. */
export function failed(code: number): End {
  return { close: frames.closePayload(code), mayReset: true };
}

/** The server answers the Close frame that was among the frames sent; with the same code, or none. */
export function answered(code?: number): End {
  return { close: code === undefined ? Buffer.alloc(0) : frames.closePayload(code) };
}

/** Like `answered`, and octets were sent after that Close frame. */
export function answeredDespiteMore(code: number): End {
  return { ...answered(code), mayReset: true };
}

export function textAnswer(payload: Buffer | string): Answer {
  return { opcode: frames.OPCODE.text, payload: Buffer.from(payload) };
}

export function binaryAnswer(payload: Buffer): Answer {
  return { opcode: frames.OPCODE.binary, payload };
}

export function pongAnswer(payload: Buffer | string = ''): Answer {
  return { opcode: frames.OPCODE.pong, payload: Buffer.from(payload) };
}

/** A case that is one conversation, or several, each on a connection of its own. */
export function exchange(
  described: Naming & Conversation & { also?: readonly Conversation[] },
): AutobahnCase {
  const { sends, cut, answers, end, also = [], ...naming } = described;
  return {
    ...naming,
    async run(client, open) {
      await converse(client, described);
      for (const conversation of also) await converse(await open(), conversation);
    },
  };
}

export async function converse(client: RawClient, conversation: Conversation): Promise<void> {
  const { sends, cut, answers = [], end } = conversation;
  await client.send(sends, cut);
  for (const answer of answers) expectAnswer(await client.next(), answer);
  await expectEnd(client, end);
}

export function expectAnswer(received: Received, { opcode, payload }: Answer): void {
  assert.equal(received.opcode, opcode, `opcode of the answer (payload ${brief(received.payload)})`);
  const same = received.payload.equals(payload);
  assert.ok(same, `payload is ${brief(received.payload)} instead of ${brief(payload)}`);
}

export async function expectEnd(client: RawClient, { send, close, mayReset = false }: End): Promise<void> {
  if (send) await client.send([send]);
  const received = await client.next();
  const since = performance.now();
  assert.equal(received.opcode, frames.OPCODE.close, `a Close frame, not ${brief(received.payload)}`);
  assert.deepEqual(received.payload.subarray(0, 2), close, 'close code');
  const ending = await client.ended();
  assert.ok(ending === 'fin' || mayReset, 'the server ends the connection with FIN, without a reset');
  assert.ok(performance.now() - since < MAX_CLOSING_MS, 'the server closes TCP right after its Close frame');
}

function brief(octets: Buffer): string {
  const start = octets.toString('hex', 0, 32);
  return octets.length > 32 ? `${start}… (${octets.length} octets)` : `<${start}>`;
}
