import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Secured, shakeHands } from '../../src/doctor/handshake.ts';
import { asksForCertificate, sentChain } from '../../src/doctor/sent-chain.ts';
import { tree } from '../fixtures/pki.ts';
import { Site } from './site.ts';

describe('the chain as it was sent — RFC 5246 §7.4.2', () => {
  it('is read in its order, and with what does not belong to it', async () => {
    const { root, upper, lower, leaf } = tree();
    const stranger = tree(['other.example']).leaf;
    for (const links of [[leaf], [leaf, lower, upper], [leaf, upper, lower, root], [leaf, stranger, lower]]) {
      const { chain, exact } = await shaken(links.map(({ cert }) => cert).join(''), leaf.key, 'TLSv1.2');
      assert.ok(exact);
      assert.deepEqual(
        chain,
        links.map(({ der }) => der),
      );
    }
  });

  it('with TLS 1.3 is what the library makes of it, and nothing that was not sent', async () => {
    const { lower, leaf } = tree();
    const { chain, exact, version } = await shaken(leaf.cert + lower.cert, leaf.key);
    assert.deepEqual([version, exact], ['TLSv1.3', false]);
    assert.deepEqual(chain, [leaf.der, lower.der]);
  });

  it('is put together from records that cut it anywhere', () => {
    const certificates = [Buffer.alloc(300, 1), Buffer.alloc(40, 2)];
    const listed = Buffer.concat(certificates.map((one) => Buffer.concat([size(one.length), one])));
    const body = Buffer.concat([size(listed.length), listed]);
    const message = Buffer.concat([
      Buffer.of(2),
      size(4),
      Buffer.alloc(4),
      Buffer.of(11),
      size(body.length),
      body,
    ]);
    for (let cut = 1; cut < message.length; cut++) {
      const records = [message.subarray(0, cut), message.subarray(cut)].map(record);
      assert.deepEqual(sentChain(Buffer.concat(records)), certificates);
    }
  });

  it('is nothing when the bytes are anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, asRecord) => {
        const received = asRecord ? record(Buffer.from(bytes)) : Buffer.from(bytes);
        assert.ok(Array.isArray(sentChain(received)));
        assert.equal(typeof asksForCertificate(received), 'boolean');
      }),
    );
  });
});

function size(length: number): Buffer {
  return Buffer.of(length >> 16, (length >> 8) & 0xff, length & 0xff);
}

function record(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(22, 3, 3, bytes.length >> 8, bytes.length & 0xff), bytes]);
}

async function shaken(cert: string, key: string, maxVersion?: 'TLSv1.2'): Promise<Secured> {
  const site = new Site();
  try {
    const port = await site.secure({ cert, key }, () => undefined);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const options = {
      host: 'shop.example',
      milliseconds: 5000,
      ...(maxVersion === undefined ? {} : { maxVersion }),
    };
    const outcome = await shakeHands(socket, options);
    assert.ok(outcome.kind === 'secure', JSON.stringify(outcome));
    outcome.line.close();
    return outcome;
  } finally {
    await site.close();
  }
}
