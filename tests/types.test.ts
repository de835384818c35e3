import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compile } from './fixtures/compile.ts';

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
