import { LoadFailure } from './failure.ts';
import { CLOSE, clientFrame, type FrameRing, PING, PONG, type Talk, TEXT } from './frames.ts';

/** Socket.IO's own ping and the answer to it, inside text frames. */
const SOCKETIO_PING = '2';
const SOCKETIO_PONG = '3';

/**
 * Holds the bytes of one server against the bytes it must send. No message is looked at by itself: a
 * whole chunk is compared at once, and taken apart only when it differs. A control frame between two
 * messages is such a difference, and allowed.
 */
export class ReplyStream {
  readonly #ring: FrameRing;
  readonly #socketio: boolean;
  readonly #answer: (frame: Buffer) => void;
  /** Place in the ring of the next byte, and of the frame it lies in. */
  #at: number;
  #inFrame = 0;
  /** A control frame of which some bytes are missing. */
  #aside: Buffer | undefined;

  /**
   * @param first number of the first expected frame, below VARIANTS.
   * @param answer sends a pong.
   */
  constructor(talk: Talk, first: number, answer: (frame: Buffer) => void) {
    this.#ring = talk.replies;
    this.#socketio = talk.socketio;
    this.#answer = answer;
    this.#at = first * talk.replies.frameLength;
  }

  /**
   * Takes the first `length` bytes of `bytes`.
   *
   * @returns how many replies they completed.
   * @throws {LoadFailure} when a byte is not the expected one.
   */
  accept(bytes: Buffer, length: number): number {
    const { block } = this.#ring;
    const same =
      this.#aside === undefined && block.compare(bytes, 0, length, this.#at, this.#at + length) === 0;
    return same ? this.#advance(length) : this.#acceptSlowly(bytes.subarray(0, length));
  }

  #advance(length: number): number {
    const { frameLength, period } = this.#ring;
    const inFrame = this.#inFrame + length;
    const completed = Math.floor(inFrame / frameLength);
    this.#inFrame = inFrame - completed * frameLength;
    this.#at = (this.#at + length) % period;
    return completed;
  }

  #acceptSlowly(bytes: Buffer): number {
    let completed = 0;
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#aside || (this.#inFrame === 0 && this.#startsAside(rest))) {
        rest = this.#takeAside(rest);
        continue;
      }
      const length = Math.min(this.#ring.frameLength - this.#inFrame, rest.length);
      this.#expect(rest.subarray(0, length));
      completed += this.#advance(length);
      rest = rest.subarray(length);
    }
    return completed;
  }

  #startsAside(bytes: Buffer): boolean {
    const [first = 0, second] = bytes;
    const ping = this.#socketio && first === TEXT && second === SOCKETIO_PING.length;
    return first === PING || first === PONG || first === CLOSE || ping;
  }

  /** @returns the bytes after the control frame. */
  #takeAside(bytes: Buffer): Buffer {
    const frame = this.#aside ? Buffer.concat([this.#aside, bytes]) : Buffer.from(bytes);
    const end = frame.length < 2 ? Number.POSITIVE_INFINITY : 2 + (frame[1] ?? 0);
    this.#aside = frame.length < end ? frame : undefined;
    if (this.#aside) return frame.subarray(frame.length);
    this.#perform(frame.subarray(0, end));
    return frame.subarray(end);
  }

  #perform(frame: Buffer): void {
    const payload = frame.subarray(2);
    if (frame[0] === PING) this.#answer(clientFrame(PONG, payload));
    if (frame[0] === CLOSE) throw new LoadFailure(`the server closed, code ${closeCode(payload)}`);
    if (frame[0] !== TEXT) return;
    if (payload.toString() !== SOCKETIO_PING) throw new LoadFailure(`unexpected text "${payload}"`);
    this.#answer(clientFrame(TEXT, Buffer.from(SOCKETIO_PONG)));
  }

  #expect(bytes: Buffer): void {
    const expected = this.#ring.block.subarray(this.#at, this.#at + bytes.length);
    if (bytes.equals(expected)) return;
    const wrong = bytes.findIndex((byte, index) => byte !== expected[index]);
    throw new LoadFailure(this.#describe(wrong, bytes[wrong] ?? 0, expected[wrong] ?? 0));
  }

  #describe(offset: number, found: number, expected: number): string {
    const place = this.#inFrame + offset;
    const difference = `0x${found.toString(16)} instead of 0x${expected.toString(16)}`;
    if (place === 0) return `wrong frame type: ${difference}`;
    return `wrong byte ${place} of a reply frame of ${this.#ring.frameLength} bytes: ${difference}`;
  }
}

/** @see RFC 6455 §7.1.5: without a body the code is 1005. */
function closeCode(payload: Buffer): number {
  return payload.length < 2 ? 1005 : payload.readUInt16BE(0);
}
