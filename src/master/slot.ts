import process from 'node:process';
import { leaveBus } from '../bus/join.ts';
import type { Keys } from '../certificates/key-keeper.ts';
import { goOffDuty, goOnDuty } from '../cron/duty.ts';
import { SystemError, UstaError } from '../errors.ts';
import { every } from '../timer.ts';
import { challengeAnswers } from '../worker/challenges.ts';
import type { Departure } from '../worker/departure.ts';
import { errorText } from '../worker/log/line.ts';
import { log, logTelemetry } from '../worker/log.ts';
import { premises } from '../worker/premises.ts';
import { connectionReports, Reporter } from '../worker/reporter.ts';
import { allWorkers, type BaseWorker } from '../worker/worker.ts';
import type { Place, Question, ToMaster, ToSlot } from './messages.ts';
import { dropPrivileges } from './privileges.ts';
import { RunStatus, stand } from './standing.ts';

/** How often the master is told how many connections are left. */
const LEAVING_MS = 250;
/** How often memory and requests are compared with what one process may have. */
const SELF_CHECK_MS = 1_000;
/** How often the master is told how many connections there are. */
const LOAD_MS = 100;
/** So many more than the others have is nothing to mind. */
const ABOVE_AVERAGE = 5;
/** When the master is gone nobody takes our place, and nobody would see us linger. */
const ORPHANED: Departure = { code: 1001, within: 3 };

/** Serves one worker in this process until the master says to leave, or is gone. */
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
  stand({
    status: () => status,
    stopAll: async (_code, text) => recycle(text === '' ? 'Worker.stopAll() was called' : text),
  });
  logTelemetry();
  process.title = `usta: worker process ${worker.name} ${worker.address ? `${worker.address.scheme}:${worker.port}` : ''}`;
  obey(worker);
  tell({ type: 'hello' });
}

function obey(worker: BaseWorker): void {
  const reporter = new Reporter();
  process.on('message', (message: ToSlot, handle: unknown) => {
    switch (message.type) {
      case 'listen':
        challengeAnswers.replace(message.answers);
        start(worker, { keys: message.keys, bound: handle }).catch(giveUp);
        return;
      case 'socket':
        return rebound(handle);
      case 'keys':
        return worker.renewKeys(message.keys);
      case 'share':
        average = message.average;
        return;
      case 'duty':
        return leaving ? undefined : goOnDuty(message.since);
      case 'reload':
        return void worker.onWorkerReload?.(worker);
      case 'ask':
        return tell({ type: 'answer', number: message.number, answer: answerTo(message.question, reporter) });
      case 'leave':
        if (message.reload) worker.onWorkerReload?.(worker);
        void leave(worker, message.departure);
    }
  });
  process.on('disconnect', () => void leave(worker, ORPHANED));
  // A terminal sends its signals to all processes; the master decides what they mean.
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
  process.on('SIGTERM', () => void leave(worker, ORPHANED));
}

function answerTo(question: Question, reporter: Reporter): unknown {
  switch (question.about) {
    case 'process':
      return reporter.report();
    case 'connections':
      return connectionReports();
    case 'challenges':
      challengeAnswers.replace(question.answers);
      return true;
  }
}

interface Given {
  readonly keys: Keys | undefined;
  readonly bound: unknown;
}

async function start(worker: BaseWorker, { keys, bound }: Given): Promise<void> {
  premises.processes = worker.count;
  await dropPrivileges(worker);
  await worker.onWorkerStart?.(worker);
  await worker.begin();
  if (worker.address) {
    const given = { ...(bound === undefined ? {} : { bound }), ...(keys && { keys }) };
    const hasEnough = (): boolean => premises.connections > average + ABOVE_AVERAGE;
    await worker.listen({
      processes: worker.count,
      hasEnough,
      ...given,
      ...(bound === undefined ? {} : { rebind }),
    });
    every(LOAD_MS, tellLoad);
  }
  watchOver(worker);
  status = RunStatus.running;
  tell({ type: 'ready' });
}

let rebound: (handle: unknown) => void = () => {};

/** Has the master's socket sent once more, to listen on it again. */
function rebind(): Promise<unknown> {
  return new Promise((resolve) => {
    rebound = resolve;
    tell({ type: 'rebind' });
  });
}

/** From here on this process is replaced, rather than ended, when something is wrong with it. */
function watchOver({ options, tally }: BaseWorker): void {
  const fault = (error: unknown): void => {
    log('an exception outside of all callbacks', { level: 'error', error });
    recycle('an exception outside of all callbacks');
  };
  process.on('uncaughtException', fault);
  process.on('unhandledRejection', fault);
  const { maxMemory = Number.POSITIVE_INFINITY, maxRequests = Number.POSITIVE_INFINITY } = options;
  if (maxMemory === maxRequests) return;
  every(SELF_CHECK_MS, () => {
    const memory = process.memoryUsage.rss();
    if (memory > maxMemory) recycle(`${memory} bytes of memory, over maxMemory`);
    if (tally.messagesReceived >= maxRequests)
      recycle(`${tally.messagesReceived} messages, maxRequests reached`);
  });
}

/** How many connections the processes of this worker have, on average. */
let average = Number.POSITIVE_INFINITY;
let toldLoad = 0;

function tellLoad(): void {
  const { connections } = premises;
  if (connections === toldLoad) return;
  toldLoad = connections;
  tell({ type: 'load', connections });
}

let status: RunStatus = RunStatus.starting;
let recycling = false;

/** Asks the master for another process in this place; this one leaves when that one serves. */
function recycle(reason: string): void {
  if (recycling) return;
  recycling = true;
  tell({ type: 'recycle', reason });
}

let leaving = false;

async function leave(worker: BaseWorker, departure: Departure): Promise<void> {
  if (leaving) return;
  leaving = true;
  status = RunStatus.shutdown;
  // From here on the successor does what is due.
  tell({ type: 'relieved', at: goOffDuty() });
  const left = (): void => tell({ type: 'leaving', connections: worker.connections.size });
  left();
  every(LEAVING_MS, left);
  try {
    await worker.onWorkerStop?.(worker);
  } catch (error) {
    log('onWorkerStop failed', { level: 'error', error });
  } finally {
    // Those that were made here listen here too.
    await Promise.all(allWorkers().map((one) => one.depart(departure)));
    await leaveBus();
    process.exit(0);
  }
}

function giveUp(error: unknown): void {
  const message = error instanceof UstaError ? error.message : errorText(error);
  tell({ type: 'failed', message }, () => process.exit(1));
}

function tell(message: ToMaster, then: () => void = () => {}): void {
  if (process.connected) process.send?.(message, then);
  else then();
}
