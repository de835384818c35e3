import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { Inbox } from '../../bytes/inbox.ts';
import type { Source } from '../../bytes/source.ts';
import { SystemError } from '../../errors.ts';
import { jsonOf, readJson } from '../json.ts';

/** What one process says to another on their link. */
export const LinkFrame = {
  /** JSON of a `Member`: who speaks; said again when it is there for something else. */
  hello: 1,
  /** A frame of the bus. */
  message: 2,
  /** From now on, tell which topics you are subscribed to: answered with all of them. */
  follow: 3,
  /** JSON list: all topics, whatever was told before. */
  topics: 4,
  /** JSON: one topic more. */
  subscribed: 5,
  /** JSON: one topic less. */
  unsubscribed: 6,
  /** A frame of the bus for whoever is subscribed to one of these topics: see `addressed`. */
  addressed: 7,
} as const;

const HEAD = 5;
/** A longer frame is none of ours. */
const MAX_LENGTH = 256 * 1024 * 1024;

/** Appends one frame: length of what follows (4 bytes, big endian), kind (1 byte), payload. */
export function writeLinkFrame(out: ByteWriter, kind: number, payload: Uint8Array): void {
  out.reserve(HEAD + payload.length);
  out.view.setUint32(out.position, payload.length + 1);
  out.view.setUint8(out.position + 4, kind);
  out.bytes.set(payload, out.position + HEAD);
  out.position += HEAD + payload.length;
}

/** Length of a JSON list of topics (4 bytes), the list, the frame. */
export function addressed(topics: readonly string[], frame: Buffer): Buffer {
  const list = jsonOf(topics);
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(list.length);
  return Buffer.concat([length, list, frame]);
}

/** @throws {SystemError} this is none. */
export function readAddressed(payload: Buffer): {
  readonly topics: readonly string[];
  readonly frame: Buffer;
} {
  const end = payload.length < 4 ? 0 : 4 + payload.readUInt32BE(0);
  return { topics: readTopics(payload.subarray(4, end)), frame: payload.subarray(end) };
}

/** @throws {SystemError} this is no list of topics. */
export function readTopics(payload: Buffer): readonly string[] {
  const topics = readJson(payload);
  if (Array.isArray(topics)) return topics;
  throw new SystemError('E_BUS_FRAME', 'no list of topics on a link of the bus');
}

/** Bytes of a link in, frames out. */
export class LinkReader {
  readonly #inbox = new Inbox();

  push(source: Source, start: number, end: number): void {
    this.#inbox.push(source, start, end);
  }

  /**
   * @returns the next frame, its payload on loan until the next call, or undefined.
   * @throws {SystemError} this is no link of ours.
   */
  pull(): { readonly kind: number; readonly payload: Buffer } | undefined {
    const inbox = this.#inbox;
    const { position } = inbox;
    if (inbox.length < HEAD) return this.#wait();
    const length = inbox.view.getUint32(position);
    if (length === 0 || length > MAX_LENGTH)
      throw new SystemError('E_BUS_FRAME', `a frame of ${length} bytes on a link of the bus`);
    if (inbox.length < 4 + length) return this.#wait();
    const kind = inbox.view.getUint8(position + 4);
    inbox.position = position + 4 + length;
    return { kind, payload: inbox.bytes.subarray(position + HEAD, inbox.position) };
  }

  #wait(): undefined {
    this.#inbox.retain();
  }
}
