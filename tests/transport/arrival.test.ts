import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { describe, it } from 'node:test';
import type { Address } from '../../src/transport/address.ts';
import { AcceptedHandle, AcceptedSocket, canAdopt, takeHandles } from '../../src/transport/arrival.ts';
import { Ear } from './ear.ts';

describe('arrival', { timeout: 5_000 }, () => {
  it('takes handles on this version of Node', async () => {
    assert.equal(canAdopt(), true);
    const sockets: unknown[] = [];
    const server = await listening(createServer((socket) => sockets.push(socket)));
    const arrived = new Promise<AcceptedHandle>((resolve) => {
      takeHandles(server, (handle) => resolve(new AcceptedHandle(handle)));
    });
    const client = connect(portOf(server), '127.0.0.1');
    const wire = (await arrived).wire(new Ear(), addressOf(server));
    assert.deepEqual(wire.local, addressOf(server));
    assert.deepEqual(wire.remote, { kind: 'ip', host: '127.0.0.1', port: client.localPort });
    assert.deepEqual(sockets, []);
    wire.destroy();
    client.destroy();
    server.close();
  });

  it('changes nothing where a server keeps its handle otherwise', async () => {
    for (const disguise of [undefined, {}, { onconnection: 'native' }]) {
      const server = { _handle: disguise && { ...disguise } };
      takeHandles(server as unknown as Server, () => assert.fail());
      assert.deepEqual(server, { _handle: disguise });
    }
  });

  it('can refuse a handle', async () => {
    const server = await listening(createServer());
    takeHandles(server, (handle) => new AcceptedHandle(handle).refuse());
    const client = connect(portOf(server), '127.0.0.1');
    client.resume();
    await once(client, 'close');
    server.close();
  });

  it('makes no wire of a socket that has gone while it waited', async () => {
    const server = await listening(createServer());
    const client = connect(portOf(server), '127.0.0.1');
    const [socket] = await once(server, 'connection');
    const arrival = new AcceptedSocket(socket);
    assert.ok(arrival.wire(new Ear(), addressOf(server)));
    arrival.refuse();
    assert.equal(arrival.wire(new Ear(), addressOf(server)), undefined);
    client.destroy();
    server.close();
  });
});

async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function addressOf(server: Server): Address {
  return { kind: 'ip', host: '127.0.0.1', port: portOf(server) };
}
