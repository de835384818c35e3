import { ByteWriter } from '../bytes/byte-writer.ts';
import { sourceOf } from '../bytes/source.ts';
import { WebSocketProtocolError } from '../errors.ts';
import type { ClientAgreement } from '../protocol/websocket/client-handshake.ts';
import {
  type WebSocketCodec,
  type WebSocketMessage,
  webSocketCodecs,
} from '../protocol/websocket/websocket-codec.ts';
import { now } from '../timer.ts';
import type { Line } from './line.ts';

/** Largest message that is taken, in bytes: an echo of our own with room to spare. */
export const MAX_MESSAGE = 131_072;
/** Bytes of one conversation that are read; a server that streams more is not listened to any longer. */
export const MAX_CONVERSATION = 1_048_576;
const TOO_BIG = 1009;

/** What the server did next on an open WebSocket. */
export type Turn =
  | { readonly kind: 'message' | 'ping' | 'pong'; readonly bytes: Buffer }
  | { readonly kind: 'closed'; readonly code: number | undefined; readonly reason: string }
  | { readonly kind: 'cut'; readonly how: 'fin' | 'reset'; readonly error: string }
  | { readonly kind: 'broken'; readonly reason: string }
  /** It sends more than we want to read. */
  | { readonly kind: 'flood' }
  | { readonly kind: 'late' };

/** One open WebSocket, seen from the client. Pings are answered. */
export class Conversation {
  readonly #line: Line;
  readonly #codec: WebSocketCodec;
  readonly #out = new ByteWriter(1024);
  #read = 0;
  #ended: Turn | undefined;

  /** @param first what came with the 101. */
  constructor(line: Line, agreement: ClientAgreement, first: Buffer) {
    this.#line = line;
    this.#codec = webSocketCodecs({
      role: 'client',
      maxMessage: MAX_MESSAGE,
      ...(agreement.deflate === undefined
        ? {}
        : { deflate: { threshold: 1024, level: 6, windowBits: agreement.deflate.clientMaxWindowBits } }),
    })();
    this.#push(first);
  }

  ping(payload: string): void {
    this.#codec.encodePing(Buffer.from(payload), this.#out);
    this.#flush();
  }

  send(message: string): void {
    this.#codec.encode(message, this.#out);
    this.#flush();
  }

  /** @param milliseconds how long to wait for it. */
  async next(milliseconds: number): Promise<Turn> {
    const stop = now() + milliseconds;
    for (;;) {
      const turn = this.#ended ?? this.#pull();
      if (turn) return turn;
      const arrival = await this.#line.next(stop - now());
      if (arrival.kind === 'late') return arrival;
      if (arrival.kind === 'end') this.#ended = { kind: 'cut', how: arrival.how, error: arrival.error };
      else this.#push(arrival.bytes);
    }
  }

  /** Says goodbye (1000) and leaves. */
  close(): void {
    if (!this.#ended) {
      this.#codec.encodeClose(1000, '', this.#out);
      this.#flush();
      this.#line.finish();
    }
    this.#line.closeSoon();
  }

  #push(bytes: Buffer): void {
    this.#read += bytes.length;
    if (this.#read > MAX_CONVERSATION) this.#ended = { kind: 'flood' };
    else this.#codec.push(sourceOf(bytes), 0, bytes.length);
  }

  #pull(): Turn | undefined {
    try {
      return this.#told();
    } catch (error) {
      if (!(error instanceof WebSocketProtocolError)) throw error;
      this.#ended =
        error.closeCode === TOO_BIG ? { kind: 'flood' } : { kind: 'broken', reason: error.message };
      return this.#ended;
    } finally {
      this.#codec.retain();
    }
  }

  #told(): Turn | undefined {
    const event = this.#codec.pull();
    if (!event) return undefined;
    if (event.type === 'message') return { kind: 'message', bytes: asBytes(event.message) };
    if (event.type === 'end') {
      this.#ended = { kind: 'closed', code: event.code, reason: event.reason ?? '' };
      return this.#ended;
    }
    if (event.type !== 'ping' && event.type !== 'pong') return undefined;
    if (event.type === 'ping') {
      this.#codec.encodePong(event.payload, this.#out);
      this.#flush();
    }
    return { kind: event.type, bytes: event.payload };
  }

  #flush(): void {
    this.#line.write(Buffer.from(this.#out.written()));
    this.#out.reset();
  }
}

function asBytes(message: WebSocketMessage): Buffer {
  return typeof message === 'string' ? Buffer.from(message) : message;
}
