/**
 * A gateway and its business processes, for tests. A client says:
 *
 *     echo N        is answered `echo N`
 *     join G        joins a group and is answered with how many its group has
 *     uid U         is bound to a uid and answered `uid U`
 *     to U text     to a uid · in G text   to a group · all text   to all
 *     who           is answered `GATEWAY-NODE BUSINESS-PID ID`
 *     slow N        as echo, but asynchronous
 *     fail          the handler throws
 *     online ID     is answered whether a client is there
 */
import process from 'node:process';
import { BusinessWorker, client, Gateway, Timer, Worker } from 'usta';

const { GATEWAYS = '2', BUSINESSES = '2', PORT = '0', ROUTER = 'sticky', BUS } = process.env;

if (BUS !== undefined) {
  Gateway.bus = BUS;
  Gateway.cluster = 'test';
  Gateway.secretKey = 'a secret of the tests';
}

if (Number(GATEWAYS) > 0)
  new Gateway(`websocket://127.0.0.1:${PORT}`, {
    name: 'gateway',
    count: Number(GATEWAYS),
    router: ROUTER as 'sticky',
    drainTimeout: 1,
    closeTimeout: 1,
  });

const handlers: Record<string, (id: string, word: string, text: string) => unknown> = {
  echo: (_, word) => Gateway.sendToCurrentClient(`echo ${word}`),
  async slow(_, word) {
    await Timer.sleep(0.002 * (Number(word) % 3));
    Gateway.sendToCurrentClient(`echo ${word}`);
  },
  async join(id, group) {
    Gateway.joinGroup(id, group);
    Gateway.sendToClient(id, `joined ${await Gateway.getClientCountByGroup(group)}`);
  },
  uid(id, uid) {
    Gateway.bindUid(id, uid);
    Gateway.sendToUid(uid, `uid ${uid}`);
  },
  to: (_, uid, text) => Gateway.sendToUid(uid, text),
  in: (_, group, text) => Gateway.sendToGroup(group, text),
  all: (_, text) => Gateway.sendToAll(text),
  who: (id) => Gateway.sendToCurrentClient(`${id.slice(0, 16)} ${process.pid} ${id}`),
  fail() {
    throw new Error('on purpose');
  },
  online: async (_, id) => Gateway.sendToCurrentClient(`${await Gateway.isOnline(id)}`),
  count(id) {
    client.session.count = Number(client.session.count ?? 0) + 1;
    Gateway.sendToClient(id, `count ${client.session.count}`);
  },
};

if (Number(BUSINESSES) > 0)
  new BusinessWorker({
    name: 'business',
    count: Number(BUSINESSES),
    drainTimeout: 5,
    eventHandler: {
      onConnect: (id) => console.log(`connect ${id}`),
      onMessage(id, message) {
        const [verb = '', word = '', ...text] = String(message).split(' ');
        return handlers[verb]?.(id, word, text.join(' '));
      },
      onClose: (id, { how }) => console.log(`close ${id} ${how} ${client.session.count ?? 0}`),
    },
  });

void Worker.runAll();
