import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOptions } from '../load/options.ts';
import { keep, pinnedTo } from './belongings.ts';
import type { Peer } from './peers.ts';
import type { Outcome } from './results.ts';
import type { Scenario } from './scenarios.ts';
import type { Server } from './server.ts';

const SCRIPT = fileURLToPath(new URL('../load.js', import.meta.url));

/** Runs the generator, in a process of its own, against one server. */
export async function generate(server: Server, peer: Peer, load: Scenario['load']): Promise<Outcome> {
  const [program = '', ...words] = [
    ...pinnedTo(1),
    process.execPath,
    SCRIPT,
    ...wordsFor(server, peer, load),
  ];
  const child = keep(spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] }));
  let line = '';
  child.stdout.on('data', (chunk: Buffer) => {
    line += chunk;
  });
  await once(child, 'close');
  return line ? (JSON.parse(line) as Outcome) : { failure: 'the generator said nothing' };
}

function wordsFor(server: Server, peer: Peer, load: Scenario['load']): string[] {
  const port = load.tls ? server.wss : server.ws;
  const words = [load.mode, '--port', String(port), '--pids', String(server.pid)];
  for (const [name, option] of Object.entries(NUMBERS)) {
    const value = load[name as keyof typeof NUMBERS];
    if (value !== undefined) words.push(option, String(value));
  }
  if (load.path) words.push('--path', load.path);
  if (load.tls) words.push('--tls');
  if (peer.name === 'socketio') words.push('--socketio');
  return words;
}

const NUMBERS = {
  connections: '--connections',
  inFlight: '--in-flight',
  size: '--size',
  rate: '--rate',
  seconds: '--seconds',
  warmUp: '--warm-up',
} as const satisfies Partial<Record<keyof LoadOptions, string>>;
