import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOptions } from '../load/options.ts';
import { keep, pinnedTo } from './belongings.ts';
import type { Outcome } from './results.ts';
import type { Scenario } from './scenarios.ts';

const SCRIPT = fileURLToPath(new URL('../load.js', import.meta.url));

/** What a load is put on. */
export interface Aim {
  readonly ports: readonly number[];
  /** Of the process that publishes. */
  readonly control?: number;
  readonly pids: readonly number[];
  /** Processes whose CPU time is told apart from the server's. */
  readonly beside?: readonly number[];
  readonly socketio: boolean;
}

/** Runs the generator, in a process of its own, against one server. */
export async function generate(aim: Aim, load: Scenario['load']): Promise<Outcome> {
  const [program = '', ...words] = [...pinnedTo(1), process.execPath, SCRIPT, ...wordsFor(aim, load)];
  const child = keep(spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] }));
  let line = '';
  child.stdout.on('data', (chunk: Buffer) => {
    line += chunk;
  });
  await once(child, 'close');
  return line ? (JSON.parse(line) as Outcome) : { failure: 'the generator said nothing' };
}

function wordsFor({ ports, control, pids, beside, socketio }: Aim, load: Scenario['load']): string[] {
  const words = [load.mode, '--port', ports.join(), '--pids', pids.join()];
  for (const [name, option] of Object.entries(NUMBERS)) {
    const value = load[name as keyof typeof NUMBERS];
    if (value !== undefined) words.push(option, String(value));
  }
  if (control !== undefined) words.push('--control', String(control));
  if (beside !== undefined) words.push('--beside', beside.join());
  if (load.path) words.push('--path', load.path);
  if (load.tls) words.push('--tls');
  if (socketio) words.push('--socketio');
  return words;
}

const NUMBERS = {
  connections: '--connections',
  inFlight: '--in-flight',
  size: '--size',
  rate: '--rate',
  burst: '--burst',
  seconds: '--seconds',
  warmUp: '--warm-up',
} as const satisfies Partial<Record<keyof LoadOptions, string>>;
