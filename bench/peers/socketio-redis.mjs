/** One process of a Socket.IO cluster over Redis: `gateway URL` has clients, `publisher URL` uses the emitter. */
import process from 'node:process';
import { createAdapter } from '@socket.io/redis-adapter';
import { Emitter } from '@socket.io/redis-emitter';
import { createClient } from 'redis';
import { GROUP, gateway, hearLines, ready } from './cluster.mjs';

const [role, url] = process.argv.slice(2);
const client = createClient({ url });
await client.connect();

if (role === 'gateway') {
  const subscriber = client.duplicate();
  await subscriber.connect();
  ready({ ws: await gateway(createAdapter(client, subscriber)) });
} else {
  const emitter = new Emitter(client);
  ready({ control: await hearLines((line) => emitter.to(GROUP).emit('b', line)) });
}
