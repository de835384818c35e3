import process from 'node:process';
import { UstaError } from '../errors.ts';
import { log, logTelemetry } from '../worker/log.ts';
import type { BaseWorker } from '../worker/worker.ts';
import { Master } from './master.ts';
import { placeFromEnvironment } from './messages.ts';
import { runSlot } from './slot.ts';

/**
 * Decides what this process is: a slot that the master started, or the master itself.
 *
 * @returns in the master, a promise for the moment when every slot serves; elsewhere it never resolves.
 */
export function runAll(workers: readonly BaseWorker[]): Promise<void> {
  return new Promise((resolve) => {
    const place = placeFromEnvironment();
    if (place && process.connected) return runSlot(workers, place);
    logTelemetry();
    try {
      new Master(workers).start(resolve);
    } catch (error) {
      log(error instanceof UstaError ? error.message : String((error as Error).stack ?? error));
      process.exitCode = 1;
    }
  });
}
