import process from 'node:process';
import { beforeLeaving, ownBus } from '../bus/join.ts';
import { publish } from '../telemetry.ts';
import { Station } from './station.ts';

/** Seconds that jobs may take to be done when a process leaves. */
export const DRAIN_SECONDS: number = 10;

/** What this process does on the channel. */
export const station: Station = new Station();
let asked: Promise<void> | undefined;
let isWatched = false;

/** The same, on the bus: that is joined when the script's own turn is over. */
export function joinedStation(): Station {
  if (asked) return station;
  joinOwn().catch(({ message }: Error) => {
    station.dropKept();
    publish('usta:notice', { text: `the bus cannot be joined: ${message}` });
  });
  return station;
}

/** Resolves when this process is on its bus. @throws {UstaError} it cannot be joined: why. */
export function joinOwn(): Promise<void> {
  watchEnd();
  asked ??= join();
  return asked;
}

async function join(): Promise<void> {
  try {
    // What the script says of its bus comes first, wherever it says it.
    await undefined;
    station.open((await ownBus()).bus);
  } catch (error) {
    asked = undefined;
    throw error;
  }
}

/** Jobs live in memory: what ends with this process is told of. */
function watchEnd(): void {
  if (isWatched) return;
  isWatched = true;
  beforeLeaving(() => station.drain(DRAIN_SECONDS));
  process.on('exit', () => {
    const { waiting, given } = station.producer.counts;
    if (waiting > 0)
      publish('usta:notice', {
        text: `${waiting} jobs are lost: nobody had taken them when their process ended`,
      });
    if (given > 0)
      publish('usta:notice', {
        text: `${given} jobs were being done when the process that enqueued them ended`,
      });
  });
}
