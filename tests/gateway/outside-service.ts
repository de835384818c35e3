/**
 * A gateway of two processes for programs outside, and a door if there is a TOKEN. A client says `uid U` or `join G`
 * and is answered with its id.
 */
import process from 'node:process';
import { Gateway, Worker } from 'usta';

const { BUS, CLUSTER, SECRET, TOKEN, LISTEN = 'http://127.0.0.1:0', GATEWAYS = '2' } = process.env;

Gateway.bus = BUS;
Gateway.cluster = CLUSTER;
Gateway.secretKey = SECRET;
if (TOKEN !== undefined) Gateway.door = { listen: LISTEN, token: TOKEN.split(' ') };

const gateway = new Gateway('websocket://127.0.0.1:0', {
  name: 'gateway',
  count: Number(GATEWAYS),
  drainTimeout: 1,
  closeTimeout: 1,
});
gateway.onMessage = (connection, message) => {
  const [word, name = ''] = String(message).split(' ');
  if (word === 'uid') Gateway.bindUid(connection, name);
  if (word === 'join') Gateway.joinGroup(connection, name);
  connection.send(Gateway.idOf(connection));
};

void Worker.runAll();
