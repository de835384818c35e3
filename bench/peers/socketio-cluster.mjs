/** Socket.IO in Node's cluster: two workers with clients, one without that publishes. */
import cluster from 'node:cluster';
import process from 'node:process';
import { createAdapter, setupPrimary } from '@socket.io/cluster-adapter';
import { GROUP, gateway, hearLines, ready, socketio } from './cluster.mjs';

if (cluster.isPrimary) {
  setupPrimary();
  const [ws, , control] = await Promise.all(['gateway', 'gateway', 'publisher'].map(start));
  ready({ ws, control });
} else if (process.env.ROLE === 'gateway') {
  process.send({ port: await gateway(createAdapter()) });
} else {
  const io = socketio(createAdapter());
  process.send({ port: await hearLines((line) => io.to(GROUP).emit('b', line)) });
}

/** @returns its port; the gateways share one. */
function start(role) {
  return new Promise((resolve) => {
    cluster.fork({ ROLE: role }).on('message', ({ port }) => port && resolve(port));
  });
}
