import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import fc from 'fast-check';
import { type ClientHello, readClientHello } from '../../src/transport/client-hello.ts';

const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());

/** What Node's own client sends first. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: '127.0.0.1', port, ...options });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  socket.destroy();
  return bytes;
}

const named = await helloOf({ servername: 'Chat.Example', ALPNProtocols: ['h2', 'http/1.1'] });
const bare = await helloOf({});
const NAMED: ClientHello = { serverName: 'chat.example', protocols: ['h2', 'http/1.1'] };
const NOTHING: ClientHello = { serverName: '', protocols: [] };

/** The same message in records of so many bytes. */
function inRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let position = 0; position < message.length; position += size) {
    const part = message.subarray(position, position + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

describe('ClientHello — RFC 8446 §4.1.2', () => {
  it('RFC 6066 §3, RFC 7301 §3.1: tells the name in lower case, and the protocols in order', () => {
    assert.deepEqual(readClientHello(named), NAMED);
    assert.deepEqual(readClientHello(Buffer.concat([named, Buffer.from('more')])), NAMED);
  });

  it('a client need not name anything', async () => {
    assert.deepEqual(readClientHello(bare), NOTHING);
    const older = await helloOf({ maxVersion: 'TLSv1.2', servername: 'old.example' });
    assert.deepEqual(readClientHello(older), { serverName: 'old.example', protocols: [] });
  });

  it('waits until it is whole', () => {
    for (let cut = 0; cut < named.length; cut++)
      assert.equal(readClientHello(named.subarray(0, cut)), undefined);
  });

  it('§5.1 is read across records', () => {
    for (const size of [1, 3, 4, 5, 100]) assert.deepEqual(readClientHello(inRecords(named, size)), NAMED);
  });

  it('what cannot be read asks for nothing, and is not waited for', () => {
    const serverHello = Buffer.from(named);
    serverHello[5] = 2;
    assert.deepEqual(readClientHello(serverHello), NOTHING);
    assert.deepEqual(readClientHello(Buffer.from([22, 3, 1, 0, 0])), NOTHING);
    assert.deepEqual(readClientHello(Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0])), NOTHING);
    const huge = Buffer.concat([Buffer.from([22, 3, 1, 255, 255, 1, 255, 255, 255]), Buffer.alloc(17_000)]);
    assert.deepEqual(readClientHello(huge), NOTHING);
    const control = Buffer.from(named);
    control[named.indexOf('Chat.Example')] = 10;
    assert.equal(readClientHello(control)?.serverName, '');
  });

  it('never throws, whatever a byte becomes', () => {
    fc.assert(
      fc.property(fc.nat(named.length - 1), fc.nat(255), (index, value) => {
        const changed = Buffer.from(named);
        changed[index] = value;
        readClientHello(changed);
      }),
      { numRuns: 1_000 },
    );
  });
});
