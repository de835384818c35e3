import { proveName, textOf } from './frames.ts';
import type { Station } from './station.ts';

/** @throws {UsageError} something is no name. @throws {TypeError} the data is no JSON. */
export function publishOn(station: Station, events: string | readonly string[], data: unknown): void {
  const names = [events].flat().map((event) => proveName(event, 'an event'));
  if (names.length > 0) station.publish([...new Set(names)], textOf(data));
}

/** @throws {UsageError} this is no name. @throws {TypeError} the data is no JSON. */
export function enqueueOn(station: Station, queue: string, data: unknown): boolean {
  return station.producer.enqueue(proveName(queue, 'a queue'), textOf(data));
}
