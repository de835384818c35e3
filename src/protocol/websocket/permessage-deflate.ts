import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { WebSocketProtocolError } from '../../errors.ts';
import { CloseCode } from './close-code.ts';

/** Ends what a sender has compressed; not sent (RFC 7692 §7.2.1). */
const TAIL = Buffer.from('0000ffff', 'hex');

/**
 * Appended to each compressed message before it is expanded: what its sender left out (RFC 7692
 * §7.2.2), and an empty last block, which is not reached when the data is cut.
 */
export const END: Buffer = Buffer.concat([TAIL, Buffer.from('010000ffff', 'hex')]);

/** A sender may end its DEFLATE data and begin anew within a message (§7.2.3.4); nobody does so often. */
const MAX_STREAMS = 100;

/** Memory that zlib's results are cut from, in bytes: less for short messages. */
const MAX_CHUNK = 16_384;
const MIN_CHUNK = 1024;
/** Results above this are long. */
const SHORT = 65_536;
const LONG_CHUNK = 1_048_576;

export interface DeflateOptions {
  /** Messages shorter than this many bytes are sent as they are. */
  readonly threshold: number;
  /** zlib's level, 1 (fast) to 9 (small). */
  readonly level: number;
  /** Base-two logarithm of our window, 9 to 15, as negotiated (RFC 7692 §7.1.2). */
  readonly windowBits: number;
}

/**
 * Compresses one message without context takeover: every message stands alone, and a connection
 * costs no window memory.
 *
 * @see RFC 7692 §7.2.1 — Compression
 */
export function deflate(bytes: Uint8Array, options: DeflateOptions): Buffer {
  const { level, windowBits } = options;
  const compressed = deflateRawSync(bytes, { level, windowBits, finishFlush: constants.Z_SYNC_FLUSH });
  return compressed.subarray(0, compressed.length - TAIL.length);
}

/**
 * The most that a message of `size` bytes takes when its sender compresses what cannot be compressed,
 * with zlib's smallest memory or window.
 */
export function maxDeflated(size: number): number {
  return size + Math.ceil(size * 0.15) + 64;
}

/**
 * Expands one message, stopping as soon as it passes `limit`.
 *
 * @param bytes the message's payload with `END` appended.
 * @param limit largest result, in bytes.
 * @throws {WebSocketProtocolError} 1009 over the limit, 1007 when the data is damaged or cut, 1008
 *   when it begins anew too often.
 * @see RFC 7692 §7.2.2 — Decompression
 */
export function inflate(bytes: Buffer, limit: number): Buffer {
  const end = bytes.length - END.length;
  const parts: Buffer[] = [];
  let read = 0;
  let size = 0;
  while (read < end) {
    if (parts.length === MAX_STREAMS) {
      throw new WebSocketProtocolError(CloseCode.policyViolation, 'compressed data begins anew too often');
    }
    const { buffer, engine } = inflateStream(bytes.subarray(read), limit - size);
    parts.push(buffer);
    read += engine.bytesWritten;
    size += buffer.length;
    if (size > limit) throw tooBig();
  }
  if (read > end && read < bytes.length) throw damaged();
  return parts.length === 1 && parts[0] ? ofItsSize(parts[0]) : Buffer.concat(parts);
}

/** A result that fills little of a large piece does not keep all of it. */
function ofItsSize(bytes: Buffer): Buffer {
  return bytes.buffer.byteLength > LONG_CHUNK && bytes.length < LONG_CHUNK / 2 ? Buffer.from(bytes) : bytes;
}

/** What zlib answers when asked for `info`. */
interface Inflated {
  readonly buffer: Buffer;
  /** `bytesWritten` is what it has read of its input. */
  readonly engine: { readonly bytesWritten: number };
}

/** What turns out to be long is begun again in one large piece: zlib would join many small ones, in twice the memory. */
function inflateStream(bytes: Buffer, limit: number): Inflated {
  const few = Math.min(limit, SHORT);
  const chunk = Math.min(Math.max(bytes.length * 4, MIN_CHUNK), MAX_CHUNK);
  const short = attempt(bytes, few, chunk);
  if (short !== undefined) return short;
  const long = few < limit ? attempt(bytes, limit, Math.min(limit, LONG_CHUNK) + 1) : undefined;
  if (long === undefined) throw tooBig();
  return long;
}

/** @returns undefined when the result is larger than `limit`. */
function attempt(bytes: Buffer, limit: number, chunkSize: number): Inflated | undefined {
  try {
    const options = { info: true, chunkSize, maxOutputLength: Math.max(limit, 1) };
    return inflateRawSync(bytes, options) as unknown as Inflated;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw damaged({ cause: error });
  }
}

function tooBig(): WebSocketProtocolError {
  return new WebSocketProtocolError(CloseCode.messageTooBig, 'message inflates to more than is accepted');
}

function damaged(options?: ErrorOptions): WebSocketProtocolError {
  return new WebSocketProtocolError(
    CloseCode.invalidPayload,
    'compressed message is damaged (RFC 7692 §7.2.2)',
    options,
  );
}
