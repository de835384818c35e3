import process from 'node:process';
import type { Keys } from '../certificates/key-keeper.ts';
import { SystemError, UstaError } from '../errors.ts';
import { challengeAnswers } from '../worker/challenges.ts';
import { logTelemetry } from '../worker/log.ts';
import type { BaseWorker } from '../worker/worker.ts';
import type { Place, ToMaster, ToSlot } from './messages.ts';
import { dropPrivileges } from './privileges.ts';

/** Serves one worker in this process until the master says stop, or is gone. */
export function runSlot(workers: readonly BaseWorker[], place: Place): void {
  const worker = workers[place.worker];
  if (!worker)
    return giveUp(
      new SystemError(
        'E_PLACE',
        `the script has no worker number ${place.worker}: it made fewer than before`,
      ),
    );
  worker.id = place.slot;
  logTelemetry();
  process.title = `usta: worker process ${worker.name} ${worker.address ? `${worker.address.scheme}:${worker.port}` : ''}`;
  process.on('message', (message: ToSlot, handle: unknown) => {
    switch (message.type) {
      case 'stop':
        return void leave(worker);
      case 'keys':
        return worker.renewKeys(message.keys);
      case 'answers':
        challengeAnswers.replace(message.answers);
        return tell({ type: 'answering', number: message.number });
      case 'listen':
        challengeAnswers.replace(message.answers);
        start(worker, { keys: message.keys, bound: handle }).catch(giveUp);
    }
  });
  process.on('disconnect', () => void leave(worker));
  process.on('SIGTERM', () => void leave(worker));
  process.on('SIGINT', () => {});
  tell({ type: 'hello' });
}

async function start(
  worker: BaseWorker,
  { keys, bound }: { readonly keys: Keys | undefined; readonly bound: unknown },
): Promise<void> {
  await dropPrivileges(worker);
  await worker.onWorkerStart?.(worker);
  if (worker.address) {
    const given = { ...(bound === undefined ? {} : { bound }), ...(keys && { keys }) };
    await worker.listen({ processes: worker.count, ...given });
  }
  tell({ type: 'ready' });
}

let leaving = false;

async function leave(worker: BaseWorker): Promise<void> {
  if (leaving) return;
  leaving = true;
  try {
    await worker.onWorkerStop?.(worker);
  } finally {
    await worker.stop();
    process.exit(0);
  }
}

function giveUp(error: unknown): void {
  const message =
    error instanceof UstaError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  tell({ type: 'failed', message }, () => process.exit(1));
}

function tell(message: ToMaster, then: () => void = () => {}): void {
  if (process.connected) process.send?.(message, then);
  else then();
}
