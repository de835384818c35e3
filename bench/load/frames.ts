import { randomBytes } from 'node:crypto';
import type { LoadOptions } from './options.ts';

/** First bytes of unfragmented frames, as a server sends them (RFC 6455 §5.2). */
export const TEXT = 0x81;
export const CLOSE = 0x88;
export const PING = 0x89;
export const PONG = 0x8a;

/** Different messages in a ring, so that a server that mixes up two of them is found out. */
export const VARIANTS = 16;

/** Most bytes that one read can bring. */
export const READ_SIZE = 65_536;

/**
 * Frames of one length, sent or expected round and round: any run of them lies in one piece in `block`.
 */
export class FrameRing {
  readonly frameLength: number;
  readonly block: Buffer;
  readonly #runs = new Map<number, Buffer>();

  /** @param longest bytes of the longest run that will be asked for. */
  constructor(frames: readonly Buffer[], longest: number) {
    const period = Buffer.concat(frames);
    this.frameLength = period.length / frames.length;
    this.block = Buffer.alloc(period.length + longest);
    for (let at = 0; at < this.block.length; at += period.length) period.copy(this.block, at);
  }

  /** Bytes after which the ring repeats. */
  get period(): number {
    return this.frameLength * VARIANTS;
  }

  /** `count` whole frames from number `first` on. Always the same memory: never write to it. */
  run(first: number, count: number): Buffer {
    const key = count * VARIANTS + first;
    let run = this.#runs.get(key);
    if (!run) {
      run = this.block.subarray(first * this.frameLength, (first + count) * this.frameLength);
      this.#runs.set(key, run);
    }
    return run;
  }
}

/** What is sent and what must come back for it, byte by byte. */
export interface Talk {
  /** The messages themselves, without any frame. */
  readonly messages: readonly string[];
  readonly requests: FrameRing;
  readonly replies: FrameRing;
  readonly socketio: boolean;
}

/**
 * Lines in `text` mode, frames in any other.
 *
 * @param options size: payload of one message in bytes, without Socket.IO's packaging.
 */
export function talk(options: Pick<LoadOptions, 'mode' | 'size' | 'inFlight' | 'path' | 'socketio'>): Talk {
  const event = options.path === '/b' ? 'b' : 'm';
  const messages = payloads(options.size);
  const texts = messages.map((text) => Buffer.from(options.socketio ? `42["${event}","${text}"]` : text));
  const inLines = options.mode === 'text';
  const requests = texts.map((text) => (inLines ? line(text) : clientFrame(TEXT, text)));
  const replies = texts.map((text) => (inLines ? line(text) : serverFrame(TEXT, text)));
  const longest = (requests[0]?.length ?? 0) * options.inFlight;
  return {
    messages,
    requests: new FrameRing(requests, longest),
    replies: new FrameRing(replies, READ_SIZE),
    socketio: options.socketio,
  };
}

/** A frame as a client sends it: masked with a fresh key. */
export function clientFrame(firstByte: number, payload: Uint8Array): Buffer {
  const key = randomBytes(4);
  const head = frameHead(firstByte, payload.length);
  head[1] = (head[1] ?? 0) | 0x80;
  return Buffer.concat([head, key, payload.map((byte, at) => byte ^ (key[at & 3] ?? 0))]);
}

/** A frame as a server sends it. */
export function serverFrame(firstByte: number, payload: Uint8Array): Buffer {
  return Buffer.concat([frameHead(firstByte, payload.length), payload]);
}

function line(payload: Uint8Array): Buffer {
  return Buffer.concat([payload, Buffer.of(0x0a)]);
}

/** Close with status 1000. */
export function closeFrame(): Buffer {
  return clientFrame(CLOSE, Uint8Array.of(0x03, 0xe8));
}

function frameHead(firstByte: number, length: number): Buffer {
  if (length < 126) return Buffer.of(firstByte, length);
  if (length < 65_536) return Buffer.of(firstByte, 126, length >> 8, length & 0xff);
  const head = Buffer.alloc(10);
  head[0] = firstByte;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Texts that differ in their first byte already. */
function payloads(size: number): string[] {
  return Array.from({ length: VARIANTS }, (_, variant) => {
    const noise = randomBytes(size)
      .toString('base64url')
      .slice(0, size - 1);
    return String.fromCharCode(65 + variant) + noise;
  });
}
