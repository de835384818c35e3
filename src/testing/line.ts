import type { ByteWriter } from '../bytes/byte-writer.ts';
import { type Source, sourceOf } from '../bytes/source.ts';
import type { CloseStatus } from '../connection/close-cause.ts';
import type { Codec } from '../protocol/codec.ts';
import type { Sink, Wire, WireCause } from '../transport/engine.ts';
import type { Speaker, Speech } from './speech.ts';

/** The code of a connection that has ended without a close frame. @see RFC 6455 §7.1.5 */
const NO_FRAME = 1006;

/** The client's end of a wire, and what has come over it. */
export class Line implements Sink, Speaker {
  readonly messages: unknown[] = [];
  subprotocol: string | undefined;
  pings = 0;
  codec: Codec<unknown, unknown>;
  isReady = false;
  isClosed = false;
  status: CloseStatus = { code: NO_FRAME, reason: '' };
  /** Why it ended, where that was not in order. */
  failure: Error | undefined;
  readonly wire: Wire;
  readonly #speech: Speech;
  readonly #changed: () => void;
  #working = false;

  /** @param changed called whenever something has happened. */
  constructor(speech: Speech, dial: (sink: Sink) => Wire, changed: () => void) {
    this.#speech = speech;
    this.#changed = changed;
    this.codec = speech.makeCodec();
    this.wire = dial(this);
  }

  become(codec: Codec<unknown, unknown>): void {
    const rest = this.codec.rest();
    this.codec = codec;
    codec.push(sourceOf(rest), 0, rest.length);
  }

  ready(): void {
    this.isReady = true;
    this.#changed();
  }

  write(append: (out: ByteWriter) => void): void {
    this.wire.out.append(append);
    this.wire.commit();
  }

  heard(message: unknown): void {
    this.messages.push(message);
    this.#changed();
  }

  finish(status?: CloseStatus): void {
    if (status) this.status = status;
    this.wire.end();
  }

  close(code: number, reason: string): void {
    this.#speech.close(this, code, reason);
  }

  accepted(): void {}

  /** Begins when the server's end is there too: it hears of us first. */
  opened(): void {
    queueMicrotask(() => this.#contained(() => this.#speech.begin(this)));
  }

  received(_wire: Wire, source: Source, start: number, end: number): void {
    this.codec.push(source, start, end);
    if (!this.#working) this.#work();
    this.codec.retain();
  }

  ended(): void {
    this.wire.end();
  }

  buffered(): void {}

  closed(_wire: Wire, { error }: WireCause): void {
    this.failure ??= error;
    this.isClosed = true;
    this.#changed();
  }

  #work(): void {
    this.#working = true;
    this.#contained(() => {
      for (let event = this.codec.pull(); event; event = this.codec.pull()) this.#speech.hear(this, event);
    });
    this.#working = false;
  }

  #contained(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.failure ??= error as Error;
      this.wire.destroy();
    }
    this.#changed();
  }
}
