/** What the built package declares of protocols, seen from a user's project. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compile } from './fixtures/compile.ts';

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
