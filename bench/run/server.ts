import { spawn } from 'node:child_process';
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
  stop(): Promise<void>;
}

/**
 * Starts a peer on free ports and waits until it listens.
 *
 * @throws {Error} with what it printed when it ends or says nothing.
 */
export async function startServer(peer: Peer, files: KeyFiles): Promise<Server> {
  const ports = ['--ws', '0', '--wss', '0', '--cert', files.certificate, '--key', files.key];
  const [program = '', ...words] = [...pinnedTo(0), ...peer.command, ...ports];
  const child = keep(spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] }));
  const exited = once(child, 'exit').catch(() => undefined);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await exited.finally(() => clearTimeout(late));
  };
  try {
    return { ...(await ready(child.stdout, child.stderr, exited)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Output = NodeJS.ReadableStream;

async function ready(
  stdout: Output,
  stderr: Output,
  exited: Promise<unknown>,
): Promise<Omit<Server, 'stop'>> {
  let printed = '';
  let late: NodeJS.Timeout | undefined;
  const found = new Promise<Omit<Server, 'stop'>>((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`${reason} ${essence(printed)}`.trim()));
    const read = (chunk: Buffer): void => {
      printed = (printed + chunk).slice(-4096);
      const line = readyLine(printed);
      if (line) resolve(line);
    };
    stdout.on('data', read);
    stderr.on('data', read);
    late = setTimeout(() => fail('the server did not get ready:'), READY_WITHIN_MS);
    exited.then(() => fail('the server ended:'));
  });
  return found.finally(() => clearTimeout(late));
}

/** `ready pid=… ws=… wss=…` */
function readyLine(printed: string): Omit<Server, 'stop'> | undefined {
  const line = /^ready .*\n/m.exec(printed)?.[0];
  const number = (name: string): number => Number(new RegExp(` ${name}=(\\d+)`).exec(line ?? '')?.[1]);
  return line ? { pid: number('pid'), ws: number('ws'), wss: number('wss') } : undefined;
}

/** The error in what a Node program printed when it died; else whatever it said last. */
function essence(printed: string): string {
  const lines = printed.trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
}
