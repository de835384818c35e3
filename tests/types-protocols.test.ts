/** What the built package declares of protocols, seen from a user's project. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..');

/** Compiles one file as a user's project would, and gives what the compiler says. */
function compile(code: string): string {
  const directory = mkdtempSync(join(ROOT, 'dist', 'types-protocols-'));
  const options = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2022',
    types: ['node'],
    skipLibCheck: true,
  };
  try {
    writeFileSync(join(directory, 'user.ts'), code);
    writeFileSync(
      join(directory, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['user.ts'] }),
    );
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' });
    return stdout;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const MOVES = `
  import { defineProtocol, registerProtocol, Worker } from 'usta';
  const moves = defineProtocol({
    input: (buffer) => buffer.indexOf(10) + 1,
    decode: (line) => ({ x: Number(line) }),
    encode: (move: { x: number }) => move.x + '\\n',
  });
  declare module 'usta' { interface Protocols { moves: typeof moves } }
  registerProtocol('moves', moves);`;

it('a scheme of your own, and a protocol over the schemes that are transports', () => {
  const said = compile(`${MOVES}
    new Worker('moves://0.0.0.0:1').onMessage = (connection, move) => connection.send({ x: move.x + 1 });
    new Worker('tcp://0.0.0.0:1', { protocol: moves, onMessage: (connection, move) => connection.send(move) });
    new Worker('udp://0.0.0.0:1', { protocol: moves, onMessage: (connection, move) => connection.send(move) });
    new Worker('unix:///run/a', { protocol: 'text' }).onMessage = (connection, line) => connection.send(line.trim());`);
  assert.equal(said, '');
});

it('mistakes do not compile, and the errors say what to do', () => {
  const said = compile(`${MOVES}
    new Worker('movse://0.0.0.0:1');
    new Worker('websocket://0.0.0.0:1', { protocol: moves });
    new Worker('udp://0.0.0.0:1', { protocol: 'http' });
    new Worker('moves://0.0.0.0:1').onMessage = (connection) => connection.send('text');`);
  assert.match(said, /user\.ts\(10,.*unknown scheme \\?"movse\\?": use websocket, .* ssl, unix or udp/);
  assert.match(
    said,
    /user\.ts\(11,.*the option protocol goes with tcp:\/\/, ssl:\/\/, unix:\/\/ and udp:\/\//,
  );
  assert.match(said, /user\.ts\(12,.*http needs a stream/);
  assert.match(said, /user\.ts\(13,.*'string' is not assignable to .*x: number/);
});
