import { accessSync, constants, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import process from 'node:process';
import { checkCertificate } from '../../certificates/check.ts';
import { sentence } from '../../certificates/findings.ts';
import { SystemError } from '../../errors.ts';
import { formatAddress } from '../../transport/address.ts';
import type { BoundSocket } from '../../transport/bind.ts';
import { isStaleSocket } from '../../transport/stale-socket.ts';
import type { BaseWorker } from '../../worker/worker.ts';
import { bindAddress } from '../bind-address.ts';
import { askMaster } from '../control/control-client.ts';
import { controlPlace } from '../control/socket-path.ts';
import type { ServiceStatus } from '../service-status.ts';
import { descriptorAdvice } from './descriptors.ts';
import { identityFault } from './identity.ts';
import { optionFaults } from './option-table.ts';
import { provePidFile } from './pid-file.ts';
import { tellLauncher } from './report.ts';

/** One line of `usta check`. */
export interface CheckFinding {
  /** A `fault` keeps the service from starting. */
  readonly severity: 'fine' | 'warning' | 'fault';
  readonly text: string;
}

/** Files of the service as a whole; relative ones to the folder of the script. */
export interface ServiceFiles {
  readonly pidFile?: string;
  readonly stdoutFile?: string;
  readonly logFile?: string;
}

type Tell = (severity: CheckFinding['severity'], text: string) => void;

/** Verifies all that a start would need, and starts nothing. */
export async function checkWorkers(
  workers: readonly BaseWorker[],
  files: ServiceFiles = {},
): Promise<CheckFinding[]> {
  const findings: CheckFinding[] = [];
  const tell: Tell = (severity, text) => findings.push({ severity, text });
  if (workers.length === 0) tell('fault', 'the script makes no worker: new Worker(…) before Worker.runAll()');
  const running = await runningService(tell);
  const bound: BoundSocket[] = [];
  for (const [index, worker] of workers.entries()) {
    const name = nameOf(worker);
    const about: Tell = (severity, text) => tell(severity, `${name}: ${text}`);
    checkOptions(worker, about);
    await checkAddress(worker, { others: workers.slice(0, index), running, bound }, about);
    checkKeys(worker, about);
    const fault = identityFault(worker.options);
    if (fault !== undefined) about('fault', fault);
  }
  for (const one of bound) one.close();
  const advice = descriptorAdvice(workers);
  if (advice !== undefined) tell('warning', advice);
  checkFiles(files, tell);
  return findings;
}

/** Does that for whoever has launched the script, and ends this process if it was started for it. */
export async function answerCheck(workers: readonly BaseWorker[], files: ServiceFiles = {}): Promise<void> {
  const apart = process.connected;
  await tellLauncher({ type: 'checked', findings: await checkWorkers(workers, files) });
  if (apart) process.exit(0);
}

function nameOf({ name, address }: BaseWorker): string {
  if (name !== 'none') return `worker ${name}`;
  return address === undefined
    ? 'a worker without address'
    : `${address.scheme}://${formatAddress(address.place).replace(/^unix:/, '')}`;
}

async function runningService(tell: Tell): Promise<ServiceStatus | undefined> {
  const script = process.argv[1] ?? '';
  try {
    const answer = await askMaster(controlPlace(script), { version: 1, command: 'status' }, { timeout: 5 });
    const status = answer as ServiceStatus;
    tell(
      'fine',
      `${basename(script)} runs already (pid ${status.pid}): usta restart takes its place, start is refused`,
    );
    return status;
  } catch (error) {
    if (!(error instanceof SystemError && error.code === 'E_NOT_RUNNING'))
      tell('fault', (error as Error).message);
    return undefined;
  }
}

function checkOptions({ options, count }: BaseWorker, tell: Tell): void {
  const { unknown, wrong } = optionFaults({ ...options, count });
  for (const text of unknown) tell('warning', text);
  for (const text of wrong) tell('fault', text);
}

interface Surroundings {
  readonly others: readonly BaseWorker[];
  readonly running: ServiceStatus | undefined;
  /** Held until all are tried. */
  readonly bound: BoundSocket[];
}

async function checkAddress(
  worker: BaseWorker,
  { others, running, bound }: Surroundings,
  tell: Tell,
): Promise<void> {
  if (worker.address === undefined) return;
  const { place, datagrams } = worker.address;
  const shown = formatAddress(place);
  const twin = others.find(
    ({ address }) => address?.datagrams === datagrams && formatAddress(address.place) === shown,
  );
  if (twin && !(place.kind === 'ip' && place.port === 0))
    return tell('fault', `${shown} is that of ${nameOf(twin)} already`);
  if (place.kind === 'unix' && (await isStaleSocket(place.path)))
    return tell('fine', `${shown} was left by a program that has ended; a start replaces it`);
  try {
    bound.push(bindAddress(worker.address));
    tell('fine', `can listen on ${shown}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const held = code === 'EADDRINUSE' && running?.workers.some(({ listen }) => isSamePlace(listen, shown));
    if (held) tell('fine', `${shown} is held by the running service (pid ${running?.pid})`);
    else tell('fault', message);
  }
}

/** By port or path: the service may have listened on another address of this machine. */
function isSamePlace(listen: string, shown: string): boolean {
  const place = listen.replace(/^[a-z+.-]+:\/\//, '');
  if (shown.startsWith('unix:')) return `unix:${place}` === shown;
  return /:\d+$/.exec(place)?.[0] === /:\d+$/.exec(shown)?.[0];
}

function checkKeys(worker: BaseWorker, tell: Tell): void {
  if (worker.transport !== 'ssl' || worker.address === undefined) return;
  try {
    if (worker.options.acme !== undefined) {
      worker.makeKeeper({ changed: () => {}, present: () => {} }).stop();
      return tell('fine', 'an authority gives the certificate');
    }
    const { findings, chain } = checkCertificate(worker.options.ssl ?? {});
    for (const one of findings) tell(one.stops ? 'fault' : 'warning', sentence(one));
    const [leaf] = chain;
    if (leaf && !findings.some(({ stops }) => stops))
      tell('fine', `the certificate of ${leaf.subject} can be served`);
  } catch (error) {
    tell('fault', (error as Error).message);
  }
}

function checkFiles({ pidFile, stdoutFile, logFile }: ServiceFiles, tell: Tell): void {
  if (pidFile !== undefined) {
    try {
      provePidFile(pidFile);
      tell('fine', `the pid file ${pidFile} can be written`);
    } catch (error) {
      tell('fault', (error as Error).message);
    }
  }
  for (const [option, file] of Object.entries({ stdoutFile, logFile })) {
    if (file === undefined) continue;
    const code = objectionToWriting(resolve(dirname(process.argv[1] ?? '.'), file));
    if (code === undefined) tell('fine', `${option} ${file} can be written`);
    else tell('fault', `${option} ${file} cannot be written (${code})`);
  }
}

/** @returns Node's code of the reason. */
function objectionToWriting(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return 'EISDIR';
    accessSync(found ? path : dirname(path), constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }
}
