import type { Bus } from '../bus/bus.ts';
import { SystemError } from '../errors.ts';
import { Timer } from '../timer.ts';
import { PORT } from './frames.ts';

/** Seconds until somebody who has not answered is asked again. */
const AGAIN = 1;

/** Collects what is to be said to each member within a turn. */
export class Outbox<Item> {
  readonly #items = new Map<string, Item[]>();
  readonly #send: (to: string, items: readonly Item[]) => void;

  constructor(send: (to: string, items: readonly Item[]) => void) {
    this.#send = send;
  }

  add(to: string, item: Item): void {
    const there = this.#items.get(to);
    if (there) return void there.push(item);
    this.#items.set(to, [item]);
    queueMicrotask(() => {
      const items = this.#items.get(to) ?? [];
      this.#items.delete(to);
      this.#send(to, items);
    });
  }
}

/**
 * Asks until there is an answer.
 *
 * @param frame what is asked, as it is now; undefined when there is nothing to be asked any more.
 * @returns undefined when the one who was asked has gone, or this process has left the bus.
 */
export async function askUntilAnswered(
  bus: Bus,
  to: string,
  frame: () => Buffer | undefined,
): Promise<Buffer | undefined> {
  for (;;) {
    const question = frame();
    if (!question) return undefined;
    try {
      return (await bus.ask(PORT, [to], question)).get(to);
    } catch (error) {
      if (!(error instanceof SystemError) || error.code === 'E_BUS_CLOSED') return undefined;
    }
    await Timer.sleep(AGAIN);
  }
}
