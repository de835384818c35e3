import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import type { Deflation } from './deflation.ts';
import { OPCODE } from './frames.ts';

/** What a server has sent: a whole message, inflated, or a control frame. */
export interface Received {
  readonly opcode: number;
  readonly payload: Buffer;
  /** The message had RSV1 set. @see RFC 7692 §6 */
  readonly compressed: boolean;
}

interface Frame {
  readonly final: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly payload: Buffer;
}

const RSV1 = 4;
const CONTROL: readonly number[] = [OPCODE.close, OPCODE.ping, OPCODE.pong];

/** Reads what a server sends, and refuses everything that RFC 6455 forbids it. */
export class MessageReader {
  readonly #deflation: Deflation | undefined;
  #chunks: Buffer[] = [];
  #length = 0;
  #parts: Frame[] = [];
  #closed = false;

  constructor(deflation: Deflation | undefined) {
    this.#deflation = deflation;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next message or control frame, or `undefined` when more octets are needed. */
  pull(): Received | undefined {
    for (let frame = this.#frame(); frame; frame = this.#frame()) {
      assert.ok(!this.#closed, 'nothing may follow the Close frame (RFC 6455 §5.5.1)');
      const received = frame.opcode >= OPCODE.close ? this.#control(frame) : this.#data(frame);
      if (received) return received;
    }
    return undefined;
  }

  /** True when the octets so far end with a frame, outside of a message. */
  get atBoundary(): boolean {
    return this.#length === 0 && this.#parts.length === 0;
  }

  #control({ final, rsv, opcode, payload }: Frame): Received {
    assert.ok(CONTROL.includes(opcode), `opcode ${opcode} (§5.2)`);
    assert.ok(final && payload.length <= 125, 'a control frame is whole and 125 octets at most (§5.5)');
    assert.equal(rsv, 0, 'a control frame has no reserved bits (§5.2)');
    this.#closed = opcode === OPCODE.close;
    return { opcode, payload, compressed: false };
  }

  #data(frame: Frame): Received | undefined {
    const { opcode, rsv } = frame;
    assert.ok(opcode <= OPCODE.binary, `opcode ${opcode} (§5.2)`);
    assert.equal(opcode === OPCODE.continuation, this.#parts.length > 0, 'fragments of one message (§5.4)');
    const mayCompress = this.#deflation && this.#parts.length === 0;
    assert.ok(rsv === 0 || (mayCompress && rsv === RSV1), `reserved bits ${rsv} (§5.2, RFC 7692 §6)`);
    this.#parts.push(frame);
    if (!frame.final) return undefined;
    const parts = this.#parts;
    this.#parts = [];
    return this.#message(parts);
  }

  #message(parts: readonly Frame[]): Received {
    const { opcode = OPCODE.text, rsv = 0 } = parts[0] ?? {};
    const compressed = rsv === RSV1 && this.#deflation !== undefined;
    const joined = joinOnce(parts.map((part) => part.payload));
    const payload = compressed && this.#deflation ? this.#deflation.inflate(joined) : joined;
    assert.ok(opcode !== OPCODE.text || isUtf8(payload), 'text is UTF-8 (§5.6)');
    return { opcode, payload, compressed };
  }

  #frame(): Frame | undefined {
    const head = this.#peek(10);
    if (head.length < 2) return undefined;
    const [first = 0, second = 0] = head;
    assert.equal(second & 0x80, 0, 'a server does not mask (§5.1)');
    const start = 2 + extendedBytes(second);
    if (head.length < start) return undefined;
    const length = payloadLength(head, second);
    if (this.#length < start + length) return undefined;
    const payload = this.#take(start + length).subarray(start);
    return { final: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 15, payload };
  }

  /** As many of the next octets as there are, up to `count`. */
  #peek(count: number): Buffer {
    const [first = Buffer.alloc(0)] = this.#chunks;
    const enough = first.length >= count || this.#chunks.length < 2;
    return (enough ? first : this.#join()).subarray(0, count);
  }

  #take(count: number): Buffer {
    const [first = Buffer.alloc(0)] = this.#chunks;
    const all = first.length >= count ? first : this.#join();
    this.#chunks[0] = all.subarray(count);
    this.#length -= count;
    return all.subarray(0, count);
  }

  #join(): Buffer {
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

function joinOnce(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

function extendedBytes(second: number): number {
  if (second < 126) return 0;
  return second === 126 ? 2 : 8;
}

/** The payload's length, which must be written in the shortest way. @see RFC 6455 §5.2 */
function payloadLength(head: Buffer, second: number): number {
  if (second < 126) return second;
  const length = second === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2));
  assert.ok(length >= (second === 126 ? 126 : 0x10000), `length ${length} in too many octets (§5.2)`);
  return length;
}
