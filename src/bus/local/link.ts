import type { Source } from '../../bytes/source.ts';
import { UstaError } from '../../errors.ts';
import type { Sink, Wire, WireCause } from '../../transport/engine.ts';
import { LinkReader, writeLinkFrame } from './link-frames.ts';

export interface LinkEvents {
  opened(link: Link): void;
  /** @param payload on loan: valid until this returns. @throws {UstaError} this is no link of ours: it ends. */
  heard(link: Link, kind: number, payload: Buffer): void;
  /** It was full, and there is room again. */
  drained(link: Link): void;
  /** The end, whether it was opened or not. */
  closed(link: Link, cause: WireCause): void;
}

/** Bytes that wait for a process that does not read; what is more is not sent. */
const MAX_QUEUED = 32 * 1024 * 1024;

/** One connection between two processes of this machine. */
export class Link implements Sink {
  isOpen = false;
  /** Resolves when nothing comes or goes on it any more. */
  readonly over: Promise<void>;
  readonly #events: LinkEvents;
  readonly #reader = new LinkReader();
  #wire: Wire | undefined;
  #isFull = false;
  #end: () => void = () => {};

  constructor(events: LinkEvents) {
    this.#events = events;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get hasRoom(): boolean {
    return this.#wire !== undefined && this.#wire.bufferedBytes <= MAX_QUEUED;
  }

  /** @returns false when it is not open, or the other side has not read for too long. */
  send(kind: number, payload: Uint8Array): boolean {
    const wire = this.#wire;
    if (!wire || !this.isOpen) return false;
    this.#isFull = !this.hasRoom;
    if (this.#isFull) return false;
    writeLinkFrame(wire.out, kind, payload);
    wire.commit();
    return true;
  }

  /** Ends it after what was sent. */
  end(): void {
    this.#wire?.end();
  }

  destroy(): void {
    this.isOpen = false;
    this.#wire?.destroy();
  }

  accepted(wire: Wire): void {
    this.#wire = wire;
    wire.sink = this;
  }

  opened(): void {
    this.isOpen = true;
    this.#events.opened(this);
  }

  received(_wire: Wire, source: Source, start: number, end: number): void {
    this.#reader.push(source, start, end);
    try {
      for (let frame = this.#reader.pull(); frame && this.isOpen; frame = this.#reader.pull())
        this.#events.heard(this, frame.kind, frame.payload);
    } catch (error) {
      this.destroy();
      if (!(error instanceof UstaError)) throw error;
    }
  }

  ended(): void {
    this.#wire?.end();
  }

  buffered(wire: Wire): void {
    if (!this.#isFull || wire.bufferedBytes > MAX_QUEUED / 2) return;
    this.#isFull = false;
    this.#events.drained(this);
  }

  closed(_wire: Wire, cause: WireCause): void {
    this.isOpen = false;
    this.#events.closed(this, cause);
    this.#end();
  }
}
