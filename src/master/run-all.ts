import { dirname, resolve as resolvePath } from 'node:path';
import process from 'node:process';
import { standBy } from '../cron/duty.ts';
import { SystemError, UsageError, UstaError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import { Timer } from '../timer.ts';
import {
  log,
  logScreen,
  logTelemetry,
  openLog,
  outliveReaders,
  reopenLog,
  setLogger,
} from '../worker/log.ts';
import { serviceSettings } from '../worker/service-settings.ts';
import { clearPlace, giveAway } from '../worker/unix-socket.ts';
import type { BaseWorker } from '../worker/worker.ts';
import { banner } from './banner.ts';
import { ControlServer } from './control/control-server.ts';
import type { ControlRequest } from './control/messages.ts';
import { controlPlace } from './control/socket-path.ts';
import { answerCheck } from './launch/check-workers.ts';
import { answerDaemon } from './launch/daemon.ts';
import { descriptorAdvice } from './launch/descriptors.ts';
import { equipForDevelopment, isDevelopment } from './launch/development.ts';
import { boundOutput } from './launch/output.ts';
import { type PidFile, writePidFile } from './launch/pid-file.ts';
import { tellLauncher } from './launch/report.ts';
import { takeRole } from './launch/role.ts';
import { Master, type Scope } from './master.ts';
import { placeFromEnvironment } from './messages.ts';
import { MetricsDoor } from './metrics/metrics-door.ts';
import { coloured, plain } from './screens/paint.ts';
import { startBanner } from './screens/start-banner.ts';
import { Service } from './service.ts';
import type { ServiceStatus } from './service-status.ts';
import { runSlot } from './slot.ts';
import { RunStatus, stand } from './standing.ts';

const NO_MASTER =
  'Worker.runAll() needs Linux or macOS; on Windows serve from one process: await worker.listen()';

/** What each signal asks of the master. SIGUSR1 belongs to Node's inspector. */
const SIGNALS: Readonly<Record<string, { readonly act: 'stop' | 'reload'; readonly scope: Scope }>> = {
  SIGINT: { act: 'stop', scope: {} },
  SIGTERM: { act: 'stop', scope: {} },
  SIGQUIT: { act: 'stop', scope: { graceful: true } },
  SIGHUP: { act: 'reload', scope: {} },
  SIGUSR2: { act: 'reload', scope: {} },
};

const STATUSES = {
  starting: RunStatus.starting,
  serving: RunStatus.running,
  reloading: RunStatus.reloading,
  stopping: RunStatus.shutdown,
} as const;

/**
 * Decides what this process is: a slot that the master started, the master itself, or whoever has launched the
 * script for something else.
 *
 * @returns in the master, a promise for the moment when every slot serves; elsewhere it never resolves.
 */
export function runAll(workers: readonly BaseWorker[]): Promise<void> {
  return new Promise((resolve) => {
    if (process.platform === 'win32') return void giveUp(new UsageError('E_PLATFORM', NO_MASTER));
    const role = takeRole();
    nameApart(workers);
    const place = placeFromEnvironment();
    standBy({
      firstOfWorker: place?.slot === 0,
      firstOfService: place?.slot === 0 && place.worker === 0,
    });
    // The master has gone while this process was started: there is nobody to serve for.
    if (place && !process.connected) return void process.exit(0);
    if (place) return void prepareSlot(workers).then(() => runSlot(workers, place));
    const { pidFile, logFile, stdoutFile } = serviceSettings;
    if (role === 'check') return void answerCheck(workers, definedOf({ pidFile, logFile, stdoutFile }));
    if (role === 'daemon') return void answerDaemon(definedOf({ stdoutFile }));
    beMaster(workers).then(resolve, giveUp);
  });
}

/** So that each can be named on the command line, and is told from the others. */
function nameApart(workers: readonly BaseWorker[]): void {
  const times = new Map<string, number>();
  for (const worker of workers) {
    const count = (times.get(worker.name) ?? 0) + 1;
    times.set(worker.name, count);
    if (count > 1) worker.name = `${worker.name}-${count}`;
  }
}

async function prepareSlot(workers: readonly BaseWorker[]): Promise<void> {
  beginLog();
  if (isDevelopment()) await equipForDevelopment(workers, false);
}

async function beMaster(workers: readonly BaseWorker[]): Promise<void> {
  process.title = `usta: master process ${process.argv[1] ?? ''}`;
  beginLog();
  logTelemetry();
  if (isDevelopment()) for (const line of await equipForDevelopment(workers, true)) log(line);
  const advice = descriptorAdvice(workers);
  if (advice !== undefined) publish('usta:notice', { text: advice });
  const headquarters = new Headquarters();
  const master = await headquarters.open(workers);
  if (process.env.USTA_QUIET !== '1') await introduce(master, () => headquarters.status());
  if (!isDaemon()) return;
  if (process.connected) await tellLauncher({ type: 'standing' });
  if (serviceSettings.stdoutFile === undefined) boundOutput();
  if (process.connected) process.disconnect();
}

/** For a person at a terminal a screen, elsewhere a line for each worker. */
async function introduce(master: Master, status: () => Promise<ServiceStatus>): Promise<void> {
  const seen = await status();
  let drawn = false;
  logScreen(({ width, colours }) => {
    drawn = Number.isFinite(width);
    return drawn ? startBanner(seen, { width, paint: colours ? coloured : plain }) : [];
  });
  if (!drawn) for (const line of banner(master.posts)) log(line);
}

/** The master with all that stands around it: control socket, pid file, metrics, signals. */
class Headquarters {
  #master: Master | undefined;
  #service: Service | undefined;
  #control: ControlServer | undefined;
  #pidFile: PidFile | undefined;
  #metrics: MetricsDoor | undefined;
  #ending: Promise<void> | undefined;

  /**
   * The control socket comes first: whoever runs already is found by it, before the address is found taken.
   *
   * @throws {UstaError} why it cannot serve; nothing is left then.
   */
  async open(workers: readonly BaseWorker[]): Promise<Master> {
    try {
      const place = controlPlace(process.argv[1] ?? '');
      this.#control = await ControlServer.open(place, (request, progress) => this.#obey(request, progress));
      for (const worker of workers) await clearPlace(worker);
      const master = new Master(workers);
      this.#master = master;
      for (const worker of workers) await giveAway(worker);
      stand({
        status: () => STATUSES[master.state],
        stopAll: (code, text) => {
          if (text !== '') log(text);
          return this.end({}, code);
        },
      });
      const daemon = isDaemon();
      const service = new Service(master, { daemon, end: () => void this.end({}) });
      this.#service = service;
      this.#listenToSignals();
      const { pidFile, metrics } = serviceSettings;
      if (pidFile !== undefined) this.#pidFile = writePidFile(pidFile);
      if (this.#pidFile?.notice !== undefined) log(this.#pidFile.notice, { level: 'warn' });
      if (metrics !== undefined) this.#metrics = new MetricsDoor(metrics, () => service.status());
      await this.#metrics?.open();
      await master.start();
      return master;
    } catch (error) {
      await this.#close({});
      throw error;
    }
  }

  /** Of a service that has been opened. */
  status(): Promise<ServiceStatus> {
    if (this.#service) return this.#service.status();
    throw new SystemError('E_STARTING', 'the service is being started');
  }

  async #obey(request: ControlRequest, progress: (text: string) => void): Promise<unknown> {
    if (this.#service) return this.#service.obey(request, progress);
    throw new SystemError('E_STARTING', 'the service is being started: try again in a moment');
  }

  #listenToSignals(): void {
    for (const [signal, { act, scope }] of Object.entries(SIGNALS)) {
      process.on(signal, () => void (act === 'stop' ? this.end(scope) : this.#reload(scope)));
    }
  }

  /** Ends the service, and this process with it. A second time is no more urgent than the first. */
  end(scope: Scope, code: number = 0): Promise<void> {
    this.#ending ??= this.#close(scope).then(() => process.exit(code));
    return this.#ending;
  }

  async #close(scope: Scope): Promise<void> {
    await this.#master?.stop(scope);
    this.#master?.release();
    await contained('onMasterStop', serviceSettings.onMasterStop);
    await this.#metrics?.close();
    this.#pidFile?.remove();
    // The answer to whoever has typed `stop` goes out first.
    await Timer.sleep(0);
    await this.#control?.close();
  }

  async #reload(scope: Scope): Promise<void> {
    reopenLog();
    try {
      await this.#master?.reload(scope);
      log(`reload ${this.#master?.generation} is done`);
    } catch (error) {
      log(`reload failed: ${(error as Error).message}`, { level: 'error' });
    }
  }
}

/** Whether this master was started in the background; whoever did so waits to hear of it while connected. */
function isDaemon(): boolean {
  return process.env.USTA_DAEMON === '1';
}

function beginLog(): void {
  outliveReaders();
  const { logFile, logger } = serviceSettings;
  if (logFile !== undefined) openLog({ file: resolvePath(dirname(process.argv[1] ?? '.'), logFile) });
  if (logger !== undefined) setLogger(logger);
}

async function giveUp(error: unknown): Promise<void> {
  if (error instanceof UstaError) log(error.message, { level: 'error' });
  else log('the service could not be started', { level: 'error', error });
  const { message, stack } = error as Error;
  if (isDaemon() && process.connected)
    await tellLauncher({
      type: 'failed',
      message,
      ...(error instanceof UstaError || !stack ? {} : { stack }),
    });
  process.exit(1);
}

async function contained(name: string, callback: (() => unknown) | undefined | null): Promise<void> {
  try {
    await callback?.();
  } catch (error) {
    log(`${name} failed: ${(error as Error).message}`, { level: 'error' });
  }
}

function definedOf<T extends object>(all: { readonly [Name in keyof T]: T[Name] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<T>;
}
