import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Source } from '../bytes/source.ts';

/** What a codec has to say about the bytes it was given. Plain data, pulled one at a time. */
export type CodecEvent<In> =
  | { readonly type: 'message'; readonly message: In }
  | ControlEvent
  | PartialEvent<In>
  /** The peer has ended the conversation; nothing more will be pulled. */
  | { readonly type: 'end'; readonly code?: number; readonly reason?: string };

/** A message that is given out before it is complete. */
export type PartialEvent<In> =
  /** It has begun: the codec's user may have it given out as it is. */
  | { readonly type: 'head'; readonly message: In }
  /** More of the message that was given out. */
  | { readonly type: 'piece'; readonly bytes: Buffer; readonly last: boolean };

/** Something between messages: the codec's user decides whether and how to answer. */
export interface ControlEvent {
  readonly type: 'ping' | 'pong';
  readonly payload: Buffer;
}

/**
 * One conversation, as a pure state machine: bytes in, events out, messages in, bytes out.
 * A codec never sees a socket, a clock or a callback, and its state is explicit.
 */
export interface Codec<In, Out> {
  /** Bytes on loan: `[start, end)` is valid until `retain()` or the end of the caller's turn. */
  push(source: Source, start: number, end: number): void;
  /**
   * The next event, or `undefined` when more bytes are needed.
   *
   * @throws {PeerError} when the peer broke the protocol; the codec reads nothing afterwards.
   */
  pull(): CodecEvent<In> | undefined;
  /** Ends the loan: what was pushed and not yet read is copied. Call before the lender goes on. */
  retain(): void;
  /** Appends one outgoing message to `out`; no intermediate buffers. */
  encode(message: Out, out: ByteWriter): void;
  /** Takes the unread bytes: handed to the next codec on a switch (HTTP becomes WebSocket). */
  rest(): Buffer;
  /** Memory held for messages that are not complete yet, in bytes. */
  readonly heldBytes: number;
  /** True while a message has begun and is not complete. */
  readonly midMessage: boolean;
  /** Reads nothing more and gives its memory back; a codec whose memory is not used again does not need it. */
  abandon?(): void;
  /** Codecs with the same dialect encode a message to the same bytes, so that a broadcast is encoded once. */
  readonly dialect?: object | undefined;
  /** Protocols with control frames (WebSocket) have these. `code` undefined makes an empty close frame. */
  encodeClose?(code: number | undefined, reason: string, out: ByteWriter): void;
  encodePing?(payload: Uint8Array, out: ByteWriter): void;
  encodePong?(payload: Uint8Array, out: ByteWriter): void;
}
