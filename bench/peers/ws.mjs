/** `ws` with bufferutil, as its documentation shows it: one WebSocketServer per HTTP server, broadcast in a loop. */
import { WebSocketServer } from 'ws';
import { serve } from './listen.mjs';

const members = new Set();

await serve((server) => {
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket, request) => {
    socket.on('error', console.error);
    if (request.url === '/b') join(socket);
    else socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
});

function join(socket) {
  members.add(socket);
  socket.on('close', () => members.delete(socket));
  socket.on('message', (data, isBinary) => {
    for (const member of members) {
      if (member.readyState === member.OPEN) member.send(data, { binary: isBinary });
    }
  });
}
