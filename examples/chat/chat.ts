/**
 * A chat: rooms, private messages, who is there.
 *
 *     usta start examples/chat/chat.ts
 *
 * serves it on http://localhost:8080. `usta reload` puts new code in place while people talk. Several machines are one
 * chat when they share a NATS server: `BUS=nats://host:4222 CLUSTER=chat SECRET_KEY=… usta start …` on each of them.
 */
import { BusinessWorker, Gateway, Worker } from 'usta';
import * as events from './events.ts';
import { answer } from './pages.ts';
import { BUS, CLUSTER, GATEWAY_PORT, PORT, SECRET_KEY, TLS } from './settings.ts';

if (BUS) {
  Gateway.bus = BUS;
  Gateway.cluster = CLUSTER;
  Gateway.secretKey = SECRET_KEY;
}

/** Serves the page, and soon lets go of who has it: a reload waits for connections that are kept for more. */
const pages = new Worker(`http://0.0.0.0:${PORT}`, {
  name: 'pages',
  maxPackageSize: 1_024,
  keepAliveTimeout: 3,
  drainTimeout: 3,
  ...TLS,
});
pages.onMessage = (connection, request) => connection.send(answer(request));

/** Holds the connections of all pages, and stays when code is reloaded. */
new Gateway(`websocket://0.0.0.0:${GATEWAY_PORT}`, {
  name: 'gateway',
  accept: 'text',
  maxPackageSize: 8_192,
  maxMessagesPerSecond: 50,
  ...TLS,
});

/** Does what pages ask for. It holds nothing that is lost with it, so that it can be replaced at any time. */
new BusinessWorker({ name: 'chat', count: 2, eventHandler: events });

Worker.runAll();
