import { isUtf8 } from 'node:buffer';

/**
 * Checks UTF-8 that arrives in pieces and fails at the first byte that cannot be right, even when the
 * character it belongs to is not complete.
 *
 * @see RFC 3629 §4 — Syntax of UTF-8 Byte Sequences
 */
export class Utf8Validator {
  /** Continuation bytes still missing of the character that the last piece cut. */
  #missing = 0;
  /** Range of the next continuation byte. */
  #low = 0x80;
  #high = 0xbf;

  /** True when no character is cut: the text may end here. */
  get complete(): boolean {
    return this.#missing === 0;
  }

  /** @returns false at the first impossible byte. */
  push(bytes: Buffer, start: number, end: number): boolean {
    let index = start;
    for (; this.#missing > 0 && index < end; index++) if (!this.#step(bytes[index] ?? 0)) return false;

    const whole = Math.max(index, lastBoundary(bytes, index, end));
    if (whole > index && !isUtf8(bytes.subarray(index, whole))) return false;

    for (index = whole; index < end; index++) if (!this.#step(bytes[index] ?? 0)) return false;
    return true;
  }

  #step(byte: number): boolean {
    if (this.#missing > 0) {
      if (byte < this.#low || byte > this.#high) return false;
      this.#missing--;
      this.#low = 0x80;
      this.#high = 0xbf;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte === 0xe0) this.#low = 0xa0;
    if (byte === 0xed) this.#high = 0x9f;
    if (byte === 0xf0) this.#low = 0x90;
    if (byte === 0xf4) this.#high = 0x8f;
    return true;
  }
}

/** Where the last character that may be cut begins, or `end` when none is. */
function lastBoundary(bytes: Buffer, start: number, end: number): number {
  for (let back = 1; back <= 3 && end - back >= start; back++) {
    const byte = bytes[end - back] ?? 0;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return end - back;
  }
  return end;
}
