/**
 * Gateways that hold clients, the process that publishes for them, or both, as a script of their own.
 *
 *   node dist/bench/cluster/server.js [--gateways N] [--publisher] [--bus URL]
 *
 * Whoever connects is in the group. Every line that comes on the publisher's port goes to the group.
 */
import { parseArgs } from 'node:util';
import { Gateway, Worker } from 'usta';

const GROUP = 'room';

const { values } = parseArgs({
  options: { gateways: { type: 'string' }, publisher: { type: 'boolean' }, bus: { type: 'string' } },
});
const { gateways, publisher, bus } = values;
if (bus !== undefined) {
  Gateway.bus = bus;
  Gateway.cluster = 'bench';
  Gateway.secretKey = 'known to everybody';
}
const doors = {
  ...(gateways === undefined ? {} : { ws: gateway(Number(gateways)) }),
  ...(publisher === undefined ? {} : { control: desk((line) => Gateway.sendToGroup(GROUP, line)) }),
};
await Worker.runAll();
const ports = Object.entries(doors).map(([name, { port }]) => `${name}=${port}`);
console.log(['ready', ...ports].join(' '));

function gateway(count: number) {
  const gateway = new Gateway('websocket://127.0.0.1:0', { name: 'gateway', count });
  gateway.onWebSocketConnected = (connection) => Gateway.joinGroup(connection, GROUP);
  gateway.onMessage = () => undefined;
  return gateway;
}

/** @param publish is called with every line that comes. */
function desk(publish: (line: string) => void) {
  const desk = new Worker('tcp://127.0.0.1:0', { name: 'publisher', context: () => ({ rest: '' }) });
  desk.onMessage = ({ context }, bytes) => {
    const lines = (context.rest + bytes.toString('latin1')).split('\n');
    context.rest = lines.pop() ?? '';
    for (const line of lines) publish(line);
  };
  return desk;
}
