import { sourceOf } from '../bytes/source.ts';
import type { Address } from './address.ts';
import { BufferedWire } from './buffered-wire.ts';
import type { Sink, Wire, WireCause } from './engine.ts';
import { systemError } from './system-error.ts';

/** What fits between two wires before the writer has to wait, in bytes: the kernel's part. */
const CAPACITY = 65_536;
/** Lent bytes begin here, so that whoever forgets `start` is found out. */
const OFFSET = 5;
/** What becomes of lent bytes when the loan is over, so that whoever keeps them is found out. */
const SCRIBBLE = 0xdb;

const landing = sourceOf(Buffer.allocUnsafeSlow(OFFSET + CAPACITY));

export interface MemoryWireOptions {
  readonly remote: Address;
  readonly local: Address;
  readonly secure: boolean;
  /** A port that speaks TLS: ready only when the peer has shown, by its first byte, that it does not. */
  readonly awaitsByte?: boolean;
}

/**
 * One end of a connection that has no socket: what one wire writes, its peer reads in a later turn of
 * the loop. One write arrives as one piece, as far as there is room.
 */
export class MemoryWire extends BufferedWire implements Wire {
  sink: Sink;
  readonly remote: Address;
  readonly local: Address;
  readonly secure: boolean;
  readonly #awaitsByte: boolean;
  #peer: MemoryWire | undefined;
  /** Sent by the peer and not read yet. */
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  /** Under way to the peer, for which there is no room yet. */
  #rest: Buffer | undefined;
  #error: Error | undefined;
  #scheduled = false;
  #accepted = false;
  #opened = false;
  #paused = false;
  #ended = false;
  #peerHasEnded = false;
  #peerEndTold = false;
  #destroyed = false;
  #closing = false;

  constructor(sink: Sink, options: MemoryWireOptions) {
    super();
    this.sink = sink;
    this.remote = options.remote;
    this.local = options.local;
    this.secure = options.secure;
    this.#awaitsByte = options.awaitsByte === true;
  }

  /** Joins a wire that dials to the one that will answer it. */
  static join(dialled: MemoryWire, answering: MemoryWire): void {
    dialled.#peer = answering;
    answering.#peer = dialled;
    answering.#peerHasEnded = dialled.#ended;
    dialled.#hearRoom();
  }

  /** Destroyed, broken or finished: it will never open if it has not. */
  get isOver(): boolean {
    return this.#closing;
  }

  accept(): void {
    this.#accepted = true;
    this.sink.accepted(this);
  }

  open(): void {
    if (this.#closing || this.#opened) return;
    if (this.#awaitsByte && this.#unreadBytes === 0) {
      if (this.#peerHasEnded) this.#leave();
      return;
    }
    this.#opened = true;
    this.sink.opened(this);
    this.#schedule();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  destroy(): void {
    if (this.#closing) return;
    this.#destroyed = true;
    this.#leave();
  }

  /** The connection breaks, or did not come to be: the reason of `closed`. */
  fail(error: Error): void {
    if (this.#closing) return;
    this.#error = error;
    this.#close();
  }

  protected override write(chunk: Buffer): boolean {
    this.#rest = chunk;
    this.#transfer();
    return this.#rest === undefined;
  }

  protected override writeAll(chunks: readonly Buffer[]): boolean {
    return this.write(Buffer.concat(chunks));
  }

  protected override changed(delta: number): void {
    this.sink.buffered(this, delta);
  }

  protected override finish(): void {
    this.#ended = true;
    if (this.#peer) this.#peer.#hearEnd();
    this.#closeWhenDone();
  }

  #transfer(): void {
    const peer = this.#peer;
    if (this.#rest === undefined || peer === undefined) return;
    if (peer.#closing) return this.fail(systemError('write', 'EPIPE'));
    const size = Math.min(this.#rest.length, CAPACITY - peer.#unreadBytes);
    if (size > 0) peer.#take(Buffer.from(this.#rest.subarray(0, size)));
    this.#rest = size < this.#rest.length ? this.#rest.subarray(size) : undefined;
  }

  #take(bytes: Buffer): void {
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.length;
    this.#schedule();
  }

  #hearEnd(): void {
    this.#peerHasEnded = true;
    this.#schedule();
  }

  /**
   * The peer is gone.
   *
   * @param unread it had not read all that we sent, which a kernel answers with a reset.
   */
  #lose(unread: boolean): void {
    if (unread) this.fail(systemError('read', 'ECONNRESET'));
    else if (this.#accepted && !this.#opened && !this.#awaitsByte) this.#close();
    else this.#hearEnd();
  }

  #schedule(): void {
    if (this.#scheduled || this.#closing) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#awaitsByte && this.#accepted) this.open();
    for (let pieces = this.#unread.length; pieces > 0 && this.#reads; pieces--) this.#lend();
    if (this.#peer) this.#peer.#hearRoom();
    if (this.#peerHasEnded && this.#unread.length === 0 && this.#reads) this.#tellEnd();
  }

  get #reads(): boolean {
    return this.#opened && !this.#paused && !this.#closing;
  }

  #lend(): void {
    const piece = this.#unread.shift();
    if (piece === undefined) return;
    this.#unreadBytes -= piece.length;
    const end = OFFSET + piece.copy(landing.bytes, OFFSET);
    this.sink.received(this, landing, OFFSET, end);
    landing.bytes.fill(SCRIBBLE, OFFSET, end);
  }

  #hearRoom(): void {
    if (this.#rest === undefined || this.#closing) return;
    this.#transfer();
    if (this.#rest === undefined && !this.#closing) this.writtenLater();
  }

  #tellEnd(): void {
    if (this.#peerEndTold) return;
    this.#peerEndTold = true;
    this.sink.ended(this);
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#ended && this.#peerEndTold) this.#close();
  }

  #leave(): void {
    if (this.#peer) this.#peer.#lose(this.#unreadBytes > 0);
    this.#close();
  }

  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.drop();
    this.#rest = undefined;
    this.#unread = [];
    setImmediate(() => this.sink.closed(this, this.#cause()));
  }

  #cause(): WireCause {
    const error = this.#error;
    if (!this.#opened) return error ? { how: 'failed', error } : { how: 'failed' };
    if (error) return { how: 'reset', error };
    return { how: this.#destroyed ? 'destroyed' : 'finished' };
  }
}
