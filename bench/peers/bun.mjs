/** Bun.serve, run by Bun itself: broadcast by its own topics. */
import { options, ready } from './options.mjs';

const { ws, wss, cert, key } = options();
const ports = {};
if (ws !== undefined) ports.ws = listen(ws).port;
if (wss !== undefined) ports.wss = listen(wss, { cert, key }).port;
ready(ports);

function listen(port, tls) {
  const server = Bun.serve({
    port,
    tls,
    hostname: '127.0.0.1',
    fetch(request, self) {
      const { pathname } = new URL(request.url);
      if (request.headers.has('upgrade') && self.upgrade(request, { data: { pathname } })) return;
      return new Response('Hello, World!');
    },
    websocket: {
      perMessageDeflate: false,
      open(socket) {
        if (socket.data.pathname === '/b') socket.subscribe('b');
      },
      message(socket, message) {
        if (socket.data.pathname === '/b') server.publish('b', message);
        else socket.send(message);
      },
    },
  });
  return server;
}
