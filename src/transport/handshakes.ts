import type { NodeWire } from './node-wire.ts';
import { HandshakeError } from './tls-failure.ts';

/** Handshakes begun in one turn of the loop: each costs a signature, and open connections want their turn. */
const PER_TURN = 8;

/**
 * The handshakes of a listener that are under way: begun a few at a time, and bounded, so that a flood of
 * them starves nobody who is connected.
 */
export class Handshakes {
  readonly #most: number;
  /** In the order of their beginning. */
  readonly #underWay = new Set<NodeWire>();
  #waiting: (() => void)[] = [];
  #scheduled = false;

  /** @param most at a time; over it the oldest, which is not the one that is getting on, gives way. */
  constructor(most: number = 1_000) {
    this.#most = most;
  }

  /** Calls `start` within this turn or one of the next. */
  begin(wire: NodeWire, start: () => void): void {
    this.#waiting.push(() => {
      this.#enter(wire);
      start();
    });
    this.#schedule();
  }

  /** It has succeeded, or failed. */
  over(wire: NodeWire): void {
    this.#underWay.delete(wire);
  }

  #enter(wire: NodeWire): void {
    this.#underWay.add(wire);
    if (this.#underWay.size <= this.#most) return;
    const [oldest] = this.#underWay;
    oldest?.fail(new HandshakeError('crowded', `more than ${this.#most} at a time: the oldest gave way`));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#beginSome());
  }

  #beginSome(): void {
    this.#scheduled = false;
    const some = this.#waiting.splice(0, PER_TURN);
    for (const start of some) start();
    if (this.#waiting.length > 0) this.#schedule();
  }
}
