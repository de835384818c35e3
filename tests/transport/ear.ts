import { createHash } from 'node:crypto';
import type { Source } from '../../src/bytes/source.ts';
import type { Sink, Wire, WireCause } from '../../src/transport/engine.ts';

/** What happened, in order; `received` is told by its size. */
export type Heard = 'accepted' | 'opened' | 'ended' | 'closed' | number;

/** A sink that takes down all it hears of one wire, and lets a test wait for what it expects. */
export class Ear implements Sink {
  readonly heard: Heard[] = [];
  /** Sum of all `buffered` deltas, and the largest it has been. */
  reported = 0;
  peak = 0;
  bytes = 0;
  cause: WireCause | undefined;
  /** Called within the event, to do what a test wants done right there. */
  on: Partial<{
    accepted(wire: Wire): void;
    opened(wire: Wire): void;
    received(wire: Wire, bytes: Buffer): void;
    ended(wire: Wire): void;
    buffered(wire: Wire, delta: number): void;
  }> = {};
  readonly #pieces: Buffer[] = [];
  readonly #hash = createHash('sha256');
  #keeps = true;
  #wire: Wire | undefined;
  #waiting: { isTrue(): boolean; resolve(): void }[] = [];

  get wire(): Wire {
    if (this.#wire === undefined) throw new Error('no wire was accepted');
    return this.#wire;
  }

  /** All that was received, as Latin-1. */
  get text(): string {
    return Buffer.concat(this.#pieces).toString('latin1');
  }

  /** Of all that was received. May be asked once. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  /** Sizes and digest only: for what is too much to keep. */
  forgetBytes(): this {
    this.#keeps = false;
    return this;
  }

  /** Resolves as soon as it is true, after whatever event makes it so. */
  until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ isTrue, resolve });
    });
  }

  opens(): Promise<void> {
    return this.until(() => this.heard.includes('opened'));
  }

  receives(bytes: number): Promise<void> {
    return this.until(() => this.bytes >= bytes);
  }

  ends(): Promise<void> {
    return this.until(() => this.heard.includes('ended'));
  }

  async closes(): Promise<WireCause> {
    await this.until(() => this.cause !== undefined);
    return this.cause as WireCause;
  }

  accepted(wire: Wire): void {
    this.#wire = wire;
    this.#note('accepted');
    this.on.accepted?.(wire);
    this.#look();
  }

  opened(wire: Wire): void {
    this.#note('opened');
    this.on.opened?.(wire);
    this.#look();
  }

  received(wire: Wire, source: Source, start: number, end: number): void {
    this.#note(end - start);
    this.bytes += end - start;
    const lent = source.bytes.subarray(start, end);
    this.#hash.update(lent);
    if (this.#keeps) this.#pieces.push(Buffer.from(lent));
    this.on.received?.(wire, lent);
    this.#look();
  }

  ended(wire: Wire): void {
    this.#note('ended');
    this.on.ended?.(wire);
    this.#look();
  }

  buffered(wire: Wire, delta: number): void {
    this.reported += delta;
    this.peak = Math.max(this.peak, this.reported);
    this.on.buffered?.(wire, delta);
    this.#look();
  }

  closed(_wire: Wire, cause: WireCause): void {
    this.#note('closed');
    this.cause ??= cause;
    this.#look();
  }

  /** With `forgetBytes`, pieces are not noted either: there are too many. */
  #note(what: Heard): void {
    if (this.#keeps || typeof what === 'string') this.heard.push(what);
  }

  #look(): void {
    const ready = this.#waiting.filter((wish) => wish.isTrue());
    this.#waiting = this.#waiting.filter((wish) => !ready.includes(wish));
    for (const wish of ready) wish.resolve();
  }
}

/** Stands behind a listener: every wire gets an ear of its own. */
export class Porch implements Sink {
  readonly guests: Ear[] = [];
  /** Called for every wire before its ear hears of it. */
  greet: (guest: Ear) => void = () => {};
  #waiting: (() => void)[] = [];

  /** The guest with this number, from 0, as soon as it has come. */
  async guest(index: number): Promise<Ear> {
    while (this.guests.length <= index) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.guests[index] as Ear;
  }

  accepted(wire: Wire): void {
    const guest = new Ear();
    wire.sink = guest;
    this.guests.push(guest);
    this.greet(guest);
    guest.accepted(wire);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  opened(): void {
    throw new Error('the wire has another sink');
  }

  received(): void {
    this.opened();
  }

  ended(): void {
    this.opened();
  }

  buffered(): void {
    this.opened();
  }

  closed(): void {
    this.opened();
  }
}

/** So many turns of the loop, in which whatever is to happen can happen. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
