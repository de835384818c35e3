import { atMost } from '../bus/at-most.ts';
import type { Bus } from '../bus/bus.ts';
import { readJson } from '../bus/json.ts';
import { publish } from '../telemetry.ts';
import { Consumer } from './consumer.ts';
import { PORT, publishedFrame, type Question, readPublished } from './frames.ts';
import { Producer } from './producer.ts';
import { Subscriptions, topicOf } from './subscriptions.ts';

/** Messages that may be published before the bus is joined. */
const MAX_KEPT = 10_000;
const NOTHING = Buffer.alloc(0);

interface Kept {
  readonly events: readonly string[];
  readonly text: string;
}

/** All that one process does on the channel: what it publishes and hears, the jobs it has and does. */
export class Station {
  readonly subscriptions: Subscriptions = new Subscriptions();
  readonly producer: Producer = new Producer();
  readonly consumer: Consumer = new Consumer();
  #bus: Bus | undefined;
  #kept: Kept[] = [];

  /** What was said before is carried out now, in order. */
  open(bus: Bus): void {
    this.#bus = bus;
    this.subscriptions.open(bus);
    this.producer.open(bus);
    bus.listen(PORT, {
      message: (from, payload) => this.#message(from === bus.self.id, payload),
      question: (from, payload) => this.#question(from, payload),
      joined: (member) => this.producer.joined(member),
      left: (member) => this.producer.left(member),
    });
    this.consumer.open(bus);
    this.noteSelf();
    for (const { events, text } of this.#kept.splice(0)) this.#tell(bus, events, text);
  }

  /** @param text JSON. */
  publish(events: readonly string[], text: string): void {
    if (this.#bus) this.#tell(this.#bus, events, text);
    else if (this.#kept.length < MAX_KEPT) this.#kept.push({ events, text });
    else publish('usta:bus:lost', { count: 1, loss: 'cut' });
  }

  /** What was to be published is lost: there is no bus. */
  dropKept(): void {
    const count = this.#kept.splice(0).length;
    if (count > 0) publish('usta:bus:lost', { count, loss: 'cut' });
  }

  /** This process may be one of its own watchers. */
  noteSelf(): void {
    if (this.#bus) this.producer.joined(this.#bus.self);
  }

  /**
   * Takes no more jobs. Resolves when those that it has are done and its own are acknowledged, or the time is up.
   *
   * @returns how many of its own are not.
   */
  async drain(seconds: number): Promise<number> {
    await atMost(seconds * 1000, Promise.all([this.consumer.leave(), this.producer.whenIdle()]));
    const { waiting, given } = this.producer.counts;
    return waiting + given;
  }

  #tell(bus: Bus, events: readonly string[], text: string): void {
    bus.multicast(PORT, events.map(topicOf), publishedFrame(events, text));
  }

  /** What this process has said itself comes behind what it is doing. */
  #message(isOwn: boolean, payload: Buffer): void {
    const published = readPublished(payload);
    if (!published) return;
    if (isOwn) queueMicrotask(() => this.subscriptions.deliver(published));
    else this.subscriptions.deliver(published);
  }

  #question(from: string, payload: Buffer): Buffer {
    const question = readJson(payload) as Question;
    if ('take' in question) return Buffer.from(JSON.stringify(this.consumer.take(from, question.take)));
    this.producer.settled(from, question);
    return NOTHING;
  }
}
