import process from 'node:process';
import { UstaError } from '../errors.ts';
import { log, logTelemetry } from '../worker/log.ts';
import { serviceCallbacks } from '../worker/service-callbacks.ts';
import type { BaseWorker } from '../worker/worker.ts';
import { banner, Master, type Scope } from './master.ts';
import { placeFromEnvironment } from './messages.ts';
import { runSlot } from './slot.ts';

/** What each signal asks of the master. SIGUSR1 belongs to Node's inspector. */
const SIGNALS: Readonly<Record<string, { readonly act: 'stop' | 'reload'; readonly scope: Scope }>> = {
  SIGINT: { act: 'stop', scope: {} },
  SIGTERM: { act: 'stop', scope: {} },
  SIGQUIT: { act: 'stop', scope: { graceful: true } },
  SIGHUP: { act: 'reload', scope: {} },
  SIGUSR2: { act: 'reload', scope: {} },
};

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
    beMaster(workers).then(resolve, (error: unknown) => {
      log(error instanceof UstaError ? error.message : String((error as Error).stack ?? error));
      process.exit(1);
    });
  });
}

async function beMaster(workers: readonly BaseWorker[]): Promise<void> {
  process.title = `usta: master process ${process.argv[1] ?? ''}`;
  const master = new Master(workers);
  for (const [signal, { act, scope }] of Object.entries(SIGNALS)) {
    process.on(signal, () => void (act === 'stop' ? end(master, scope) : reload(master, scope)));
  }
  try {
    await master.start();
  } catch (error) {
    await master.stop();
    master.release();
    throw error;
  }
  for (const line of banner(master.posts)) log(line);
}

let ending = false;

/** Ends the service, and this process with it. A second time is no more urgent than the first. */
export async function end(master: Master, scope: Scope): Promise<void> {
  if (ending) return;
  ending = true;
  await master.stop(scope);
  master.release();
  try {
    await serviceCallbacks.onMasterStop?.();
  } catch (error) {
    log(`onMasterStop failed: ${(error as Error).message}`);
  }
  process.exit(0);
}

async function reload(master: Master, scope: Scope): Promise<void> {
  try {
    await master.reload(scope);
    log(`reload ${master.generation} is done`);
  } catch (error) {
    log(`reload failed: ${(error as Error).message}`);
  }
}
