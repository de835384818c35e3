import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { mask } from '../../bytes/mask.ts';
import { UsageError } from '../../errors.ts';
import { FINAL, MASKED, MAX_CONTROL, Opcode } from './opcode.ts';

/** Above this many characters the exact size is asked first, instead of reserving for the worst case. */
const LONG_TEXT = 4096;

/** Largest head of a frame, key included, in bytes. */
const MAX_HEAD = 14;

const EMPTY: Uint8Array = new Uint8Array(0);

/** Chooses the masking key of each frame; only a client masks (RFC 6455 §5.1). */
export type MaskingKey = () => number;

/** Appends frames to a writer, masked when a key source is given. @see RFC 6455 §5 — Data Framing */
export class FrameWriter {
  readonly #key: MaskingKey | undefined;

  constructor(key?: MaskingKey) {
    this.#key = key;
  }

  bytes(opcode: number, payload: Uint8Array, out: ByteWriter, flags: number = FINAL): void {
    const start = this.#head(flags | opcode, payload.length, out);
    out.writeBytes(payload);
    this.#mask(out, start);
  }

  text(text: string, out: ByteWriter): void {
    const start = text.length > LONG_TEXT ? this.#longText(text, out) : this.#shortText(text, out);
    this.#mask(out, start);
  }

  /**
   * A ping or pong.
   *
   * @throws {UsageError} the payload is larger than a control frame holds; nothing was written.
   * @see RFC 6455 §5.5 — Control Frames
   */
  control(opcode: number, payload: Uint8Array, out: ByteWriter): void {
    if (payload.length > MAX_CONTROL) {
      throw new UsageError(
        'E_WEBSOCKET_CONTROL',
        `a ping or pong carries at most ${MAX_CONTROL} bytes, not ${payload.length} (RFC 6455 §5.5)`,
      );
    }
    this.bytes(opcode, payload, out);
  }

  /** @param reason cut, at a character, to what a control frame holds. */
  close(code: number | undefined, reason: string, out: ByteWriter): void {
    this.bytes(Opcode.close, code === undefined ? EMPTY : closePayload(code, reason), out);
  }

  #longText(text: string, out: ByteWriter): number {
    const size = Buffer.byteLength(text);
    const start = this.#head(FINAL | Opcode.text, size, out);
    out.writeUtf8(text, size);
    return start;
  }

  /** Guesses that the text is ASCII, so that one pass writes it; moves it when the head turns out longer. */
  #shortText(text: string, out: ByteWriter): number {
    out.reserve(MAX_HEAD + text.length * 3);
    const head = out.position;
    const guess = this.#head(FINAL | Opcode.text, text.length, out);
    out.writeUtf8(text);
    const length = out.position - guess;
    if (length === text.length) return guess;

    if (text.length < 126 && length >= 126) out.bytes.copyWithin(guess + 2, guess, guess + length);
    out.position = head;
    const start = this.#head(FINAL | Opcode.text, length, out);
    out.position = start + length;
    return start;
  }

  /** Writes the head, and the place for a key. @returns where the payload begins. */
  #head(first: number, length: number, out: ByteWriter): number {
    out.reserve(MAX_HEAD + length);
    const { bytes, view } = out;
    let { position } = out;
    const masked = this.#key ? MASKED : 0;
    bytes[position++] = first;
    if (length < 126) {
      bytes[position++] = masked | length;
    } else if (length < 65_536) {
      bytes[position] = masked | 126;
      view.setUint16(position + 1, length);
      position += 3;
    } else {
      bytes[position] = masked | 127;
      view.setUint32(position + 1, Math.floor(length / 2 ** 32));
      view.setUint32(position + 5, length >>> 0);
      position += 9;
    }
    out.position = this.#key ? position + 4 : position;
    return out.position;
  }

  #mask(out: ByteWriter, start: number): void {
    if (!this.#key) return;
    const key = this.#key();
    out.view.setInt32(start - 4, key, true);
    mask(out.view, start, out.position - start, key);
  }
}

function closePayload(code: number, reason: string): Buffer {
  const text = cutUtf8(Buffer.from(reason), MAX_CONTROL - 2);
  const payload = Buffer.allocUnsafe(2 + text.length);
  payload.writeUInt16BE(code);
  payload.set(text, 2);
  return payload;
}

function cutUtf8(bytes: Buffer, limit: number): Buffer {
  if (bytes.length <= limit) return bytes;
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
