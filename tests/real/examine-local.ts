/**
 * Run inside a network namespace by `doctor-local.test.ts`.
 *
 *   examine-local.js listen PORT…     listens, says "listening"
 *   examine-local.js examine PORT…    the findings for each port, as a line of JSON
 *   examine-local.js explain PORT…    the same, with an explanation of configurations that says nothing good
 *   examine-local.js connect HOST PORT…   what each port does to a client, as a line of JSON
 */
import { connect, createServer } from 'node:net';
import process from 'node:process';
import { examineLocal } from '../../src/doctor/local.ts';

const [word, ...rest] = process.argv.slice(2);
const silent = { began() {}, ended() {} };

if (word === 'listen') await listen(rest.map(Number));
else if (word === 'connect') await say(rest.slice(1), (port) => attempt(rest[0] ?? '', port));
else if (word === 'explain') await say(rest, (port) => examineLocal({ port, explain }, silent));
else await say(rest, (port) => examineLocal({ port }, silent));

function explain(path: string) {
  return [
    { line: 7, cause: `\u001b[31m${path}\u202e`, remedy: 'mend\u0007 it', severity: 'warning' as const },
  ];
}

async function listen(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    await new Promise<void>((resolve) => {
      createServer((socket) => socket.destroy()).listen(port, '0.0.0.0', resolve);
    });
  }
  console.log('listening');
}

async function say(words: readonly string[], ask: (port: number) => Promise<unknown>): Promise<void> {
  const answers = await Promise.all(words.map(async (port) => [port, await ask(Number(port))]));
  console.log(JSON.stringify(Object.fromEntries(answers)));
}

function attempt(host: string, port: number): Promise<string> {
  const socket = connect(port, host);
  return new Promise<string>((resolve) => {
    setTimeout(() => resolve('silent'), 1500);
    socket.once('connect', () => resolve('open')).once('error', () => resolve('refused'));
  }).finally(() => socket.destroy());
}
