import type { Duplex } from 'node:stream';
import { after, now } from '../timer.ts';
import { within } from './deadline.ts';
import type { Tap } from './tap.ts';

/** What the other side did next. */
export type Arrival =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** `fin`: it closed; `reset`: it, or somebody between, threw the connection away. */
  | { readonly kind: 'end'; readonly how: 'fin' | 'reset'; readonly error: string }
  | { readonly kind: 'late' };

/** How long a close may take, in milliseconds. */
const CLOSE_MS = 300;

/** One connection, read when asked: plain, or the inside of TLS. */
export class Line {
  readonly #stream: Duplex;
  readonly #below: Tap | undefined;
  #end: Arrival | undefined;
  #wake = (): void => undefined;

  /** @param below where the stream is TLS: what it stands on, which knows best how it ended. */
  constructor(stream: Duplex, below?: Tap) {
    this.#stream = stream;
    this.#below = below;
    const ended = (how: 'fin' | 'reset', error = ''): void => {
      this.#end ??= { kind: 'end', how: below?.ended ?? how, error };
      this.#wake();
    };
    below?.on('close', () => ended('fin'));
    stream.on('readable', () => this.#wake());
    stream.on('end', () => ended('fin'));
    stream.on('close', () => ended('fin'));
    stream.on('error', (error: NodeJS.ErrnoException) => ended(howOf(error), error.message));
  }

  write(bytes: string | Uint8Array): void {
    if (!this.#stream.destroyed && this.#stream.writable) this.#stream.write(bytes);
  }

  /** Nothing more is sent. */
  finish(): void {
    this.#stream.end();
  }

  /** @param milliseconds how long to wait for it. */
  async next(milliseconds: number): Promise<Arrival> {
    const stop = now() + milliseconds;
    for (;;) {
      const bytes: Buffer | null = this.#stream.read();
      if (bytes !== null) return { kind: 'bytes', bytes };
      if (this.#end) return this.#end;
      const left = stop - now();
      if (left <= 0) return { kind: 'late' };
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await within(left, woken, undefined);
    }
  }

  close(): void {
    this.#stream.destroy();
    this.#below?.destroy();
  }

  /** After what was written has gone out, or a moment later at the latest. */
  closeSoon(): void {
    after(CLOSE_MS, () => this.close(), true);
    this.#stream.resume();
    this.#stream.once('end', () => this.close());
  }
}

function howOf({ code }: NodeJS.ErrnoException): 'fin' | 'reset' {
  return code === 'EPIPE' || code === 'ERR_STREAM_WRITE_AFTER_END' ? 'fin' : 'reset';
}
