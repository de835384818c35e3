import { type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { keep, pinnedTo } from './belongings.ts';
import type { Peer } from './peers.ts';

const READY_WITHIN_MS = 15_000;
const STOPPED_WITHIN_MS = 3_000;

/** Certificate and key of the wss port, as PEM files. */
export interface KeyFiles {
  readonly certificate: string;
  readonly key: string;
}

/** A peer that serves. */
export interface Server {
  readonly pid: number;
  readonly ws: number;
  readonly wss: number;
  /** Lines; NaN where it serves none. */
  readonly text: number;
  stop(): Promise<void>;
}

/**
 * Starts a peer on free ports and waits until it listens.
 *
 * @throws {Error} with what it printed when it ends or says nothing.
 */
export async function startServer(peer: Peer, files: KeyFiles): Promise<Server> {
  const ports = ['--ws', '0', '--text', '0', '--wss', '0', '--cert', files.certificate, '--key', files.key];
  const { number, stop } = await launch([...peer.command, ...ports]);
  return { pid: number('pid'), ws: number('ws'), wss: number('wss'), text: number('text'), stop };
}

/** A program that has said `ready NAME=NUMBER …`. */
export interface Launched {
  readonly pid: number;
  /** What it has said of this; NaN when it has not. */
  number(name: string): number;
  stop(): Promise<void>;
}

/**
 * Starts a program on the servers' processor, and waits until it is ready.
 *
 * @param ready what it prints then.
 * @throws {Error} with what it printed when it ends or says nothing.
 */
export async function launch(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
  ready: RegExp = /^ready .*\n/m,
): Promise<Launched> {
  const [program = '', ...words] = [...pinnedTo(0), ...command];
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  const child = keep(spawn(program, words, { stdio, env: { ...process.env, ...env } }));
  const exited = once(child, 'exit').catch(() => undefined);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await exited.finally(() => clearTimeout(late));
  };
  try {
    const outputs = [child.stdout, child.stderr].filter((output) => output !== null);
    const line = await printed(ready, outputs, exited);
    const number = (name: string): number => Number(new RegExp(` ${name}=(\\d+)`).exec(line)?.[1]);
    return { pid: child.pid ?? 0, number, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function printed(
  ready: RegExp,
  outputs: readonly NodeJS.ReadableStream[],
  exited: Promise<unknown>,
): Promise<string> {
  let output = '';
  let late: NodeJS.Timeout | undefined;
  const found = new Promise<string>((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`${reason} ${essence(output)}`.trim()));
    const read = (chunk: Buffer): void => {
      output = (output + chunk).slice(-4096);
      const line = ready.exec(output)?.[0];
      if (line !== undefined) resolve(line);
    };
    for (const one of outputs) one.on('data', read);
    late = setTimeout(() => fail('the server did not get ready:'), READY_WITHIN_MS);
    exited.then(() => fail('the server ended:'));
  });
  return found.finally(() => clearTimeout(late));
}

/** The error in what a Node program printed when it died; else whatever it said last. */
function essence(printed: string): string {
  const lines = printed.trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
}
