import type { Bus } from '../bus/bus.ts';
import { contained } from './contained.ts';
import type { Published } from './frames.ts';

/** @param event the one that was published, for callbacks of several. */
export type Subscriber<T> = (data: T, event: string) => unknown;

/** Who in this process hears of which events. The bus brings those that somebody hears of. */
export class Subscriptions {
  readonly #subscribers = new Map<string, Set<Subscriber<never>>>();
  #bus: Bus | undefined;

  open(bus: Bus): void {
    this.#bus = bus;
    for (const event of this.#subscribers.keys()) bus.subscribe(topicOf(event));
  }

  /** @returns how to end it. */
  add(event: string, subscriber: Subscriber<never>): () => void {
    const there = this.#subscribers.get(event) ?? new Set();
    if (there.size === 0) this.#bus?.subscribe(topicOf(event));
    this.#subscribers.set(event, there.add(subscriber));
    return () => {
      if (this.#subscribers.get(event) === there && there.delete(subscriber) && there.size === 0)
        this.remove(event);
    };
  }

  /** All who hear of it. */
  remove(event: string): void {
    if (this.#subscribers.delete(event)) this.#bus?.unsubscribe(topicOf(event));
  }

  deliver({ on, data }: Published): void {
    for (const event of on) {
      for (const subscriber of [...(this.#subscribers.get(event) ?? [])])
        void contained(`Channel.on ${event}`, () => subscriber(data as never, event));
    }
  }
}

/** What a process that hears of an event is subscribed to. */
export function topicOf(event: string): string {
  return `channel:${event}`;
}
