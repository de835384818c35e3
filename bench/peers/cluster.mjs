/** What the servers of the cluster bench have in common. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createPlainServer } from 'node:net';
import process from 'node:process';
import { Server } from 'socket.io';

export const GROUP = 'room';

/** Socket.IO over its WebSocket transport; whoever connects is in the group. Without an HTTP server: nobody can. */
export function socketio(adapter, server) {
  const io = new Server(server, {
    adapter,
    transports: ['websocket'],
    perMessageDeflate: false,
    serveClient: false,
  });
  io.on('connection', (socket) => socket.join(GROUP));
  return io;
}

/** Opens a port for clients. */
export async function gateway(adapter) {
  const server = createServer();
  socketio(adapter, server);
  server.listen(0, '127.0.0.1', 4096);
  await once(server, 'listening');
  return server.address().port;
}

/** Opens a port on which every line is something to publish. */
export async function hearLines(publish) {
  const server = createPlainServer((socket) => {
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) publish(line);
    });
    socket.on('error', () => undefined);
  });
  server.listen({ port: 0, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  return server.address().port;
}

export function ready(ports) {
  console.log(['ready', ...Object.entries(ports).map(([name, port]) => `${name}=${port}`)].join(' '));
  process.once('SIGTERM', () => process.exit(0));
  process.once('SIGINT', () => process.exit(0));
}
