import { after } from '../timer.ts';
import { complaintIn } from './installed-proxy.ts';
import { type PlanOptions, planProxy } from './plan.ts';
import { PROOFS, type Proof } from './proofs.ts';
import { Rehearsal } from './rehearsal.ts';

/** One line of the table: what was tried and what came of it. */
export interface Row {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
}

export interface CheckOptions {
  /** Waits 75 s for the idle connection instead of making every deadline shorter. */
  readonly full?: boolean;
  /** Ends everything when it is aborted; the reason is thrown. */
  readonly signal?: AbortSignal;
}

/** The heartbeat of the idle row, so many times faster than in earnest. */
const SCALE = 17;

/** Longer than 60 s, after which proxies cut by default. */
const FULL_IDLE = 75;

/** The names of all rows, for whoever aligns them. */
export const ROW_NAMES: readonly string[] = ['syntax', ...PROOFS.map(({ name }) => name), 'idle'];

/**
 * Proves a configuration with the installed proxy, on loopback, in front of workers made for that. Nothing stays,
 * however it ends.
 *
 * @throws {UstaError} the proxy is not installed, or cannot be started.
 */
export async function* checkProxy(
  proxy: string,
  plan: PlanOptions,
  options: CheckOptions = {},
): AsyncGenerator<Row> {
  planProxy(proxy, plan);
  const stage = await Rehearsal.prepare({ proxy, plan });
  const { signal, end } = endOf(options.signal);
  const interruption = interruptionOf(signal);
  let idling: Promise<Row> | undefined;
  try {
    const syntax = await Promise.race([syntaxRow(stage), interruption]);
    yield syntax;
    if (!syntax.holds) return;
    await Promise.race([stage.proxy.start(), interruption]);
    idling = options.full ? idleRow(stage, FULL_IDLE, signal) : scaledIdleRow(proxy, plan, signal);
    idling.catch(() => {});
    for (const proof of PROOFS) {
      if (proof.applies?.(stage.plan) ?? true) yield await Promise.race([proven(proof, stage), interruption]);
    }
    yield await Promise.race([idling, interruption]);
  } finally {
    end();
    await stage.stop();
    await idling?.catch(() => {});
  }
}

/** Aborts with the caller's signal, or when whoever listens to the rows has had enough. */
function endOf(signal: AbortSignal | undefined): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  if (signal?.aborted) controller.abort(signal.reason);
  signal?.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return { signal: controller.signal, end: () => controller.abort() };
}

async function syntaxRow({ proxy, plan }: Rehearsal): Promise<Row> {
  const { exitCode, output, errors } = await proxy.checkSyntax();
  const holds = exitCode === 0;
  return { name: 'syntax', holds, detail: holds ? `${plan.proxy} accepts it` : complaintIn(output + errors) };
}

async function proven({ name, prove }: Proof, stage: Rehearsal): Promise<Row> {
  try {
    return { name, holds: true, detail: await prove(stage) };
  } catch (error) {
    return { name, holds: false, detail: oneLine((error as Error).message) };
  }
}

/** In a proxy and a worker of its own, with every deadline of the heartbeat shorter by the same factor. */
async function scaledIdleRow(proxy: string, plan: PlanOptions, signal: AbortSignal): Promise<Row> {
  const stage = await Rehearsal.prepare({ proxy, plan, scale: SCALE });
  try {
    await stage.proxy.start();
    const cut = stage.plan.timeouts.silenceMs / 1000;
    return await idleRow(stage, 1.3 * cut, signal);
  } finally {
    await stage.stop();
  }
}

async function idleRow({ visitor, plan }: Rehearsal, seconds: number, signal: AbortSignal): Promise<Row> {
  const name = 'idle';
  const scaled = seconds === FULL_IDLE ? '' : `, timeouts scaled 1:${SCALE}`;
  const deadlines = `worker pings every ${shown(plan.timeouts.pingMs)}, proxy cuts after ${shown(plan.timeouts.silenceMs)}`;
  try {
    const visit = await visitor.open(plan.path);
    await pause(seconds, signal);
    const answer = visit.isOpen ? await visit.ask('still there?') : 'cut';
    visit.close();
    const holds = answer === 'still there?' && visit.pings > 0;
    return {
      name,
      holds,
      detail: `${holds ? 'open' : 'cut'} after ${shown(seconds * 1000)} without a message (${deadlines}${scaled})`,
    };
  } catch (error) {
    return { name, holds: false, detail: `${oneLine((error as Error).message)} (${deadlines}${scaled})` };
  }
}

/** Ends early, with an error, when it is aborted; nothing keeps the process then. */
function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const callOff = after(seconds * 1000, resolve, true);
    const abort = (): void => {
      callOff();
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  });
}

function shown(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
}

function interruptionOf(signal: AbortSignal): Promise<never> {
  const interruption = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  interruption.catch(() => {});
  return interruption;
}
