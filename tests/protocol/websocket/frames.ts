import { WebSocketProtocolError } from '../../../src/errors.ts';
import type { Codec, CodecEvent } from '../../../src/protocol/codec.ts';

/** Frames of either role, legal or not, made by the book and not by the code under test. */
export interface FrameParts {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  readonly final?: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv?: number;
  /** Four bytes; a server's frames have none. */
  readonly key?: Buffer | undefined;
  /** Bytes of the extended length, to write it longer than needed. */
  readonly extended?: 0 | 2 | 8;
  /** What the head says, if that is not the payload's length. */
  readonly announced?: number;
}

/** The key of the example in RFC 6455 §5.7. */
export const KEY: Buffer = Buffer.from('37fa213d', 'hex');

export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** @see RFC 6455 §5.2 */
export function frame(parts: FrameParts): Buffer {
  const { opcode, final = true, rsv = 0, key = Buffer.alloc(0) } = parts;
  const payload = bytesOf(parts.payload ?? '');
  const { announced = payload.length } = parts;
  const extended = parts.extended ?? (announced < 126 ? 0 : announced < 65_536 ? 2 : 8);
  const masked = key.length > 0 ? 0x80 : 0;
  const length = Buffer.alloc(extended);
  if (extended === 2) length.writeUInt16BE(announced);
  if (extended === 8) length.writeBigUInt64BE(BigInt(announced));
  const short = extended === 0 ? announced : extended === 2 ? 126 : 127;
  const head = Buffer.of((final ? 0x80 : 0) | (rsv << 4) | opcode, masked | short);
  return Buffer.concat([head, length, key, xor(payload, key)]);
}

/** As a client sends it. */
export function masked(
  opcode: number,
  payload: Buffer | string = '',
  parts: Partial<FrameParts> = {},
): Buffer {
  return frame({ opcode, payload, key: KEY, ...parts });
}

/** One message in frames of these payloads. */
export function fragments(opcode: number, payloads: readonly (Buffer | string)[], rsv = 0): Buffer[] {
  return payloads.map((payload, index) => {
    const first = index === 0;
    return masked(first ? opcode : CONTINUATION, payload, {
      final: index === payloads.length - 1,
      rsv: first ? rsv : 0,
    });
  });
}

/** @see RFC 6455 §5.5.1 */
export function closePayload(code: number, reason: Buffer | string = ''): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 0xff), bytesOf(reason)]);
}

export type Event = CodecEvent<string | Buffer>;

/** What a codec made of some bytes. */
export interface Heard {
  readonly events: readonly Event[];
  /** Code of the error that ended it. */
  readonly refused: number | undefined;
}

/** Lends each piece, pulls everything, ends the loan, and spoils what was lent. */
export function hear(codec: Codec<string | Buffer, string | Uint8Array>, pieces: readonly Buffer[]): Heard {
  const events: Event[] = [];
  try {
    for (const piece of pieces) {
      codec.push(
        { bytes: piece, view: new DataView(piece.buffer, piece.byteOffset, piece.length) },
        0,
        piece.length,
      );
      for (let event = codec.pull(); event; event = codec.pull()) events.push(event);
      codec.retain();
      piece.fill(0xee);
    }
  } catch (error) {
    return { events, refused: codeOf(error) };
  }
  return { events, refused: undefined };
}

/** The close code of a protocol error; anything else that was thrown goes on. */
export function codeOf(error: unknown): number {
  if (!(error instanceof WebSocketProtocolError)) throw error;
  return error.closeCode;
}

export function message(content: string | Buffer): Event {
  return { type: 'message', message: content };
}

function xor(payload: Buffer, key: Buffer): Buffer {
  if (key.length === 0) return payload;
  const octets = Buffer.from(payload);
  for (let index = 0; index < octets.length; index++)
    octets[index] = (octets[index] ?? 0) ^ (key[index & 3] ?? 0);
  return octets;
}

function bytesOf(content: Buffer | string): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : content;
}
