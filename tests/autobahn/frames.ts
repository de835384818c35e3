/** Frames of a client, legal or not, as octets. @see RFC 6455 §5.2 */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The first octet's bits besides the opcode. */
export interface Flags {
  readonly final?: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv?: number;
}

/** One masked frame; nothing stops an illegal one. A string becomes UTF-8. */
export function frame(opcode: number, payload: Buffer | string = '', flags: Flags = {}): Buffer {
  const { final = true, rsv = 0 } = flags;
  const octets = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const start = headLength(octets.length);
  const out = Buffer.allocUnsafe(start + octets.length);
  out[0] = (final ? 0x80 : 0) | (rsv << 4) | opcode;
  writeLength(out, octets.length);
  mask(octets, out, start);
  return out;
}

export function text(payload: Buffer | string, flags?: Flags): Buffer {
  return frame(OPCODE.text, payload, flags);
}

export function binary(payload: Buffer, flags?: Flags): Buffer {
  return frame(OPCODE.binary, payload, flags);
}

export function continuation(payload: Buffer | string, flags?: Flags): Buffer {
  return frame(OPCODE.continuation, payload, flags);
}

export function ping(payload?: Buffer | string, flags?: Flags): Buffer {
  return frame(OPCODE.ping, payload, flags);
}

export function pong(payload?: Buffer | string, flags?: Flags): Buffer {
  return frame(OPCODE.pong, payload, flags);
}

/** A Close frame, without a code its payload is empty. */
export function close(code?: number, reason: Buffer | string = ''): Buffer {
  return frame(OPCODE.close, code === undefined ? '' : closePayload(code, reason));
}

/** @see RFC 6455 §5.5.1 */
export function closePayload(code: number, reason: Buffer | string = ''): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]);
}

/**
 * One message in frames of `size` octets of payload, the last one shorter; `size` 0 is one frame.
 *
 * @param flags `rsv` marks the first frame only. @see RFC 7692 §6.1
 */
export function fragments(opcode: number, payload: Buffer, size: number, flags: Flags = {}): Buffer[] {
  if (size === 0 || payload.length <= size) return [frame(opcode, payload, flags)];
  const frames: Buffer[] = [];
  for (let start = 0; start < payload.length; start += size) {
    const first = start === 0;
    const final = start + size >= payload.length;
    const part = payload.subarray(start, start + size);
    frames.push(
      frame(first ? opcode : OPCODE.continuation, part, { final, rsv: first ? (flags.rsv ?? 0) : 0 }),
    );
  }
  return frames;
}

/** Two octets, the extended length and four octets of masking key. */
function headLength(length: number): number {
  return 6 + (length < 126 ? 0 : length < 0x10000 ? 2 : 8);
}

function writeLength(out: Buffer, length: number): void {
  if (length < 126) {
    out[1] = 0x80 | length;
  } else if (length < 0x10000) {
    out[1] = 0x80 | 126;
    out.writeUInt16BE(length, 2);
  } else {
    out[1] = 0x80 | 127;
    out.writeBigUInt64BE(BigInt(length), 2);
  }
}

/** Masks into `out` with a key of its own, which goes before `start`. @see RFC 6455 §5.3 */
function mask(octets: Buffer, out: Buffer, start: number): void {
  const keyAt = start - 4;
  out.writeUInt32BE(Math.floor(Math.random() * 0x1_0000_0000), keyAt);
  const key = [out[keyAt] ?? 0, out[keyAt + 1] ?? 0, out[keyAt + 2] ?? 0, out[keyAt + 3] ?? 0];
  for (let index = 0; index < octets.length; index++) {
    out[start + index] = (octets[index] ?? 0) ^ (key[index & 3] ?? 0);
  }
}
