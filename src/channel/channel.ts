import { setBus } from '../bus/join.ts';
import type { BusSettings } from '../bus/settings.ts';
import { publish } from '../telemetry.ts';
import type { JobFacts, Work } from './consumer.ts';
import { proveName } from './frames.ts';
import { DRAIN_SECONDS, joinedStation, joinOwn, station } from './own-station.ts';
import type { JobCounts, JobLimits } from './producer.ts';
import { enqueueOn, publishOn } from './speech.ts';
import type { Subscriber } from './subscriptions.ts';

export type { JobCounts, JobFacts, JobLimits, Subscriber, Work };

/** How a queue is watched. */
export interface WatchOptions {
  /** Jobs that this process does at a time. Default 1. */
  readonly concurrency?: number;
}

/**
 * Messages and jobs between the processes of a cluster, on the bus that `Gateway` uses. The first call joins it; what
 * is said before it is joined is kept, in order. Data is JSON.
 */
class PublicChannel {
  /**
   * Not needed, but it says whether it works: resolves when this process is on the bus.
   *
   * @throws {UstaError} the bus cannot be joined, or the settings do not go together: why.
   */
  async connect(settings: BusSettings = {}): Promise<void> {
    if (typeof settings === 'object') setBus(settings);
    else
      publish('usta:notice', {
        text: "Channel.connect needs no address: say { bus: 'nats://…' } for several machines",
      });
    await joinOwn();
  }

  /**
   * Hears of an event, published by whichever process.
   *
   * @returns how to hear no more.
   */
  on<T = unknown>(event: string, subscriber: Subscriber<T>): () => void {
    return joinedStation().subscriptions.add(proveName(event, 'an event'), subscriber);
  }

  /** Nobody in this process hears of it any more. */
  unsubscribe(events: string | readonly string[]): void {
    for (const event of [events].flat()) station.subscriptions.remove(event);
  }

  /**
   * Tells all who hear of the event, this process among them; of several events each process once, with those that it
   * hears of. What one process publishes comes in order, and at most once.
   *
   * @throws {TypeError} the data is no JSON.
   */
  publish(events: string | readonly string[], data: unknown = null): void {
    publishOn(joinedStation(), events, data);
  }

  /**
   * Does jobs of a queue. Each is given to one process; when the work ends, well or not, it is acknowledged. When a
   * process dies before, another is given its jobs: each is done at least once.
   *
   * @returns how to do no more.
   * @throws {UsageError} this process watches the queue already.
   */
  watch<T = unknown>(queue: string, work: Work<T>, { concurrency = 1 }: WatchOptions = {}): () => void {
    joinedStation().consumer.watch(proveName(queue, 'a queue'), work, concurrency);
    station.noteSelf();
    return () => station.consumer.unwatch(queue);
  }

  /** Takes no more; what was begun is done, what was not goes to others. */
  unwatch(queues: string | readonly string[]): void {
    for (const queue of [queues].flat()) station.consumer.unwatch(queue);
  }

  /**
   * Has a job done by one of those who watch the queue; until then it is kept in this process.
   *
   * @returns false when too many are kept (`limits`): it is not.
   * @throws {TypeError} the data is no JSON.
   */
  enqueue(queue: string, data: unknown = null): boolean {
    return enqueueOn(joinedStation(), queue, data);
  }

  /**
   * Takes no more jobs, and resolves when those that it has are done and its own acknowledged, or so many seconds have
   * passed. A process that leaves waits for this by itself.
   *
   * @returns how many of its own are not done.
   */
  drain(seconds: number = DRAIN_SECONDS): Promise<number> {
    return station.drain(seconds);
  }

  /** What has become of the jobs that this process has enqueued. */
  get counts(): JobCounts {
    return station.producer.counts;
  }

  /** Jobs of this process that are kept until they are acknowledged: 10,000, and 64 MiB of JSON. */
  get limits(): JobLimits {
    return station.producer.limits;
  }
}

export type Channel = PublicChannel;
export const Channel: PublicChannel = new PublicChannel();
