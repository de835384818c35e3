import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { after, now } from '../timer.ts';
import { within } from './deadline.ts';

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

/** How an attempt to connect ended. */
export type Reach =
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'refused' | 'filtered' | 'unreachable' | 'failed'; readonly error: string };

/** Opens one TCP connection to an address. */
export async function reach(address: string, port: number, milliseconds: number): Promise<Reach> {
  const socket = connect({ host: address, port, allowHalfOpen: true });
  const outcome = new Promise<Reach>((resolve) => {
    socket.once('connect', () => resolve({ kind: 'open', socket }));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(failure(error)));
  });
  const reached = await within(milliseconds, outcome, { kind: 'filtered', error: 'timeout' } as const);
  if (reached.kind !== 'open') socket.destroy();
  return reached;
}

function failure(error: NodeJS.ErrnoException): Reach {
  const code = error.code ?? error.message;
  if (code === 'ECONNREFUSED') return { kind: 'refused', error: code };
  if (code === 'ETIMEDOUT') return { kind: 'filtered', error: code };
  if (['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN', 'EHOSTDOWN'].includes(code)) {
    return { kind: 'unreachable', error: code };
  }
  return { kind: 'failed', error: code };
}

/** Passes a connection on to TLS and keeps what the other side sent first, as it was on the wire. */
export class Tap extends Duplex {
  readonly #socket: Socket;
  readonly #keep: number;
  readonly #kept: Buffer[] = [];
  #size = 0;
  /** How the connection below ended, once it has. */
  ended: 'fin' | 'reset' | undefined;
  /** The other side sent more than we keep before anybody said that this is right. */
  overflowed = false;
  #counting = true;

  /** @param keep bytes; more than these, before `stopCounting()`, end the connection. */
  constructor(socket: Socket, keep: number) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#keep = keep;
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('end', () => {
      this.ended ??= 'fin';
      this.push(null);
    });
    socket.on('error', (error) => {
      this.ended ??= 'reset';
      this.destroy(error);
    });
  }

  /** The first bytes received. */
  get received(): Buffer {
    return Buffer.concat(this.#kept);
  }

  /** From now on somebody else counts. */
  stopCounting(): void {
    this.#counting = false;
  }

  #take(bytes: Buffer): void {
    if (this.#counting) {
      this.#size += bytes.length;
      if (this.#size > this.#keep) {
        this.overflowed = true;
        this.destroy(new Error('too much'));
        return;
      }
      this.#kept.push(bytes);
    }
    if (!this.push(bytes)) this.#socket.pause();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.destroyed) done();
    else this.#socket.write(bytes, () => done());
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
