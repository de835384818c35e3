import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { WebSocketProtocolError } from '../../errors.ts';
import { CloseCode } from './close-code.ts';

/** Ends each compressed message; not sent (RFC 7692 §7.2.1). */
export const TAIL: Buffer = Buffer.from([0x00, 0x00, 0xff, 0xff]);

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
 * Expands one message, stopping as soon as it passes `limit`.
 *
 * @param bytes the message's payload with `TAIL` appended.
 * @param limit largest result, in bytes.
 * @throws {WebSocketProtocolError} 1009 over the limit, 1007 when the data cannot be expanded.
 * @see RFC 7692 §7.2.2 — Decompression
 */
export function inflate(bytes: Uint8Array, limit: number): Buffer {
  try {
    return inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: Math.max(limit, 1) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new WebSocketProtocolError(CloseCode.messageTooBig, `message inflates to more than ${limit} bytes`);
    }
    throw new WebSocketProtocolError(CloseCode.invalidPayload, 'compressed message is damaged (RFC 7692 §7.2.2)');
  }
}
