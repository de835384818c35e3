import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..');

/** Compiles one file as a user's project would, and gives what the compiler says. */
function compile(code: string): string {
  const directory = mkdtempSync(join(ROOT, 'dist', 'types-'));
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

it('a mistyped scheme does not compile, and the error says so', () => {
  const said = compile(`import { Worker } from 'usta';\nnew Worker('webscoket://0.0.0.0:8282');\n`);
  assert.match(said, /user\.ts\(2,12\)/);
  assert.match(said, /unknown scheme \\?"webscoket\\?": use websocket, ws, wss, http/);
});

it('what the built package declares is enough for the manual page, under strict', () => {
  const said = compile(`
    import { type TcpConnection, Worker } from 'usta';
    const worker = new Worker(process.env.ADDRESS ?? 'websocket://0.0.0.0:8282');
    worker.onMessage = (con: TcpConnection, msg) => con.send('ok');
    const text = new Worker('websocket://0.0.0.0:1', { accept: 'text' });
    text.onMessage = (connection, msg) => connection.send(JSON.stringify(JSON.parse(msg)));
    Worker.runAll();`);
  assert.equal(said, '');
});
