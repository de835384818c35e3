import type { Link } from './link.ts';
import type { World } from './world.ts';

/** In seconds. */
export interface PulseRule {
  readonly interval: number;
  readonly timeout: number;
}

/** Asks a connection for a sign of life now and then, and ends it when none comes. */
export class Pulse {
  readonly #world: World;
  readonly #rule: PulseRule;
  readonly #link: Link;
  readonly #ping: () => void;
  #cancelNext: (() => void) | undefined;
  #cancelVerdict: (() => void) | undefined;

  constructor(world: World, rule: PulseRule, link: Link, ping: () => void) {
    this.#world = world;
    this.#rule = rule;
    this.#link = link;
    this.#ping = ping;
    this.#plan();
  }

  /** Asks now, unless an answer is awaited. */
  check(): void {
    this.#plan();
    if (this.#cancelVerdict) return;
    this.#ping();
    this.#judge();
  }

  /** Something was received. */
  heard(): void {
    this.#cancelVerdict?.();
    this.#cancelVerdict = undefined;
  }

  stop(): void {
    this.#cancelNext?.();
    this.heard();
  }

  #plan(): void {
    this.#cancelNext?.();
    if (this.#rule.interval === 0) return;
    this.#cancelNext = this.#world.after(this.#rule.interval * 1000, () => this.check());
  }

  /** The ping waits behind what was sent before: while that drains, the connection lives. */
  #judge(): void {
    const waiting = this.#link.bufferedAmount;
    this.#cancelVerdict = this.#world.after(this.#rule.timeout * 1000, () => {
      if (this.#link.bufferedAmount < waiting) return this.#judge();
      this.#link.end({ how: 'silence', code: 1006, reason: `no sign of life for ${this.#rule.timeout} s` });
    });
  }
}
