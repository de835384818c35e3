/**
 * `ws` with bufferutil, as its documentation shows it: one WebSocketServer per HTTP server, broadcast in a loop.
 * Beside it Node alone, by hand: `node:http`, and lines over `node:net` by `node:readline`.
 */
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';
import { serve } from './listen.mjs';

const members = new Set();

const lines = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', console.error);
  createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
    socket.write(`${line}\n`),
  );
});

await serve((server) => {
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket, request) => {
    socket.on('error', console.error);
    if (request.url === '/b') join(socket);
    else socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
}, lines);

function join(socket) {
  members.add(socket);
  socket.on('close', () => members.delete(socket));
  socket.on('message', (data, isBinary) => {
    for (const member of members) {
      if (member.readyState === member.OPEN) member.send(data, { binary: isBinary });
    }
  });
}
