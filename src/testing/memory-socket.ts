import { Duplex } from 'node:stream';
import type { Source } from '../bytes/source.ts';
import type { Sink, Wire, WireCause } from '../transport/engine.ts';

type Done = (error?: Error | null) => void;

/** A wire as a stream of Node's, for clients that Node has. */
export class MemorySocket extends Duplex {
  readonly #wire: Wire;
  #opened: Done = () => {};
  #written: Done | undefined;

  constructor(dial: (sink: Sink) => Wire) {
    super({ allowHalfOpen: false });
    this.#wire = dial({
      accepted: () => {},
      opened: () => this.#open(),
      received: (_wire, source, start, end) => this.#receive(source, start, end),
      ended: () => this.#end(),
      buffered: () => this.#proceed(),
      closed: (_wire, cause) => this.#leave(cause),
    });
  }

  get wire(): Wire {
    return this.#wire;
  }

  override _construct(done: Done): void {
    this.#opened = done;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#wire.out.writeBytes(chunk);
    this.#written = done;
    this.#wire.commit();
    setImmediate(() => this.#proceed());
  }

  override _final(done: Done): void {
    this.#wire.end();
    done();
  }

  override _read(): void {
    this.#wire.resume();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#wire.destroy();
    done(error);
  }

  /** The server's end is there when this turn of the caller is over. */
  #open(): void {
    this.#opened();
    queueMicrotask(() => this.emit('ready'));
  }

  #receive({ bytes }: Source, start: number, end: number): void {
    // Whoever reads may ask for more within the push.
    this.#wire.pause();
    if (this.push(Buffer.from(bytes.subarray(start, end)))) this.#wire.resume();
  }

  /** Who keeps a connection that idles does not read: the end is told all the same. */
  #end(): void {
    this.push(null);
    this.read(0);
  }

  /** The next is written when what was before has gone. */
  #proceed(): void {
    if (this.#wire.bufferedBytes > 0) return;
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  #leave({ error }: WireCause): void {
    this.#opened(error);
    this.destroy(error);
  }
}
