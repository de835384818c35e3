import type { LoadOptions, Mode } from './options.ts';
import { cpuSeconds } from './server-usage.ts';

/** What one run of the generator found out: one JSON line. */
export interface Report {
  readonly mode: Mode;
  /** Length of the measured window, in seconds. */
  readonly seconds: number;
  /** Messages that came back and were right (echo, rate), deliveries (fanout, group), handshakes (connect), answers (http). */
  readonly messages: number;
  readonly perSecond: number;
  /** CPU time of the server per message, in microseconds; null without `--pids` or without `/proc`. */
  readonly serverMicroseconds: number | null;
  /** CPU seconds per second of the server and of this generator: 1 is one whole core. */
  readonly serverShare: number | null;
  readonly generatorShare: number;
  /** CPU time of the processes of `--beside` per message, in microseconds. */
  readonly besideMicroseconds?: number | null;
  /** How long it took to open all connections, in seconds. */
  readonly opening?: number;
  readonly latency?: Latency;
  readonly memory?: Memory;
}

/** From the moment a message was due to the moment its reply was read, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** Resident memory of the server; null without `--pids` or without `/proc`. */
export interface Memory {
  readonly emptyKib: number | null;
  readonly fullKib: number | null;
  readonly kibPerConnection: number | null;
}

export interface Window {
  /** Messages so far. */
  count(): number;
  /** Called when the warm-up is over. */
  begins?(): void;
}

/** Lets the load run for its warm-up and then for its window, and reports on the window. */
export async function observe(options: LoadOptions, window: Window): Promise<Report> {
  if (options.warmUp > 0) await sleep(options.warmUp);
  window.begins?.();
  const before = sample(options, window);
  await sleep(options.seconds);
  return difference(options.mode, before, sample(options, window));
}

export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

interface Sample {
  readonly seconds: number;
  readonly messages: number;
  readonly server: number | undefined;
  readonly beside: number | undefined;
  readonly generator: number;
}

function sample({ pids, beside }: LoadOptions, window: Window): Sample {
  const { user, system } = process.cpuUsage();
  return {
    seconds: performance.now() / 1000,
    messages: window.count(),
    server: cpuSeconds(pids),
    beside: cpuSeconds(beside),
    generator: (user + system) / 1e6,
  };
}

function difference(mode: Mode, before: Sample, after: Sample): Report {
  const seconds = after.seconds - before.seconds;
  const messages = after.messages - before.messages;
  const server = between(before.server, after.server);
  const beside = between(before.beside, after.beside);
  const each = (used: number | null): number | null =>
    used === null || messages === 0 ? null : (used * 1e6) / messages;
  return {
    mode,
    seconds,
    messages,
    perSecond: messages / seconds,
    serverMicroseconds: each(server),
    serverShare: server === null ? null : server / seconds,
    generatorShare: (after.generator - before.generator) / seconds,
    ...(beside === null ? {} : { besideMicroseconds: each(beside) }),
  };
}

function between(before: number | undefined, after: number | undefined): number | null {
  return before === undefined || after === undefined ? null : after - before;
}
