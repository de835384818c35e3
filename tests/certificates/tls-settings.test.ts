import assert from 'node:assert/strict';
import { constants } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { type ConnectionOptions, connect, createServer } from 'node:tls';
import type { SslOptions } from '../../src/certificates/ssl-options.ts';
import { tlsSettings } from '../../src/certificates/tls-settings.ts';
import { INTERMEDIATE } from '../../src/transport/tls-options.ts';
import { make } from '../fixtures/pki.ts';

const { cert, key } = make({ name: 'localhost' });

describe('ssl, in the words of the transport', () => {
  const rows: [SslOptions, object][] = [
    [{}, {}],
    [{ profile: 'intermediate' }, {}],
    [{ profile: 'modern' }, { minVersion: 'TLSv1.3' }],
    [{ maxVersion: 'TLSv1.2' }, { maxVersion: 'TLSv1.2' }],
    [{ crypto_method: 32 }, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }],
    [{ crypto_method: 64 }, { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' }],
    [{ crypto_method: 120 }, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' }],
    [{ crypto_method: 8 }, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }],
    [{ min_proto_version: 64 }, { minVersion: 'TLSv1.3' }],
    [{ min_proto_version: 8 }, { minVersion: 'TLSv1.2' }],
    [{ max_proto_version: 32 }, { maxVersion: 'TLSv1.2' }],
    [{ ecdh_curve: 'P-384' }, { ecdhCurve: 'P-384' }],
    [{ honor_cipher_order: true }, { honorCipherOrder: true }],
    [{ alpn_protocols: 'h2, http/1.1' }, { ALPNProtocols: ['h2', 'http/1.1'] }],
    [{ no_ticket: true }, { secureOptions: constants.SSL_OP_NO_TICKET }],
    [{ no_ticket: true, secureOptions: 4 }, { secureOptions: constants.SSL_OP_NO_TICKET | 4 }],
    [{ verify_peer: true }, { requestCert: true, rejectUnauthorized: true }],
    [
      { verify_peer: true, allow_self_signed: true },
      { requestCert: true, rejectUnauthorized: false },
    ],
    [{ verify_peer: false, allow_self_signed: true }, {}],
    [{ requestCert: true }, { requestCert: true, rejectUnauthorized: true }],
    [
      { requestCert: true, rejectUnauthorized: false },
      { requestCert: true, rejectUnauthorized: false },
    ],
    [
      { sessionTimeout: 60, sessionIdContext: 'a', sigalgs: 'x' },
      { sessionTimeout: 60, sessionIdContext: 'a', sigalgs: 'x' },
    ],
  ];
  for (const [options, expected] of rows) {
    it(JSON.stringify(options), () => assert.deepEqual(tlsSettings(options), expected));
  }
});

describe('ssl, on the wire', () => {
  it('a list of suites of TLS 1.2 leaves TLS 1.3 on', async () => {
    const options = { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' };
    assert.equal(await spoken(options), 'TLSv1.3 TLS_AES_128_GCM_SHA256');
    assert.equal(await spoken(options, { maxVersion: 'TLSv1.2' }), 'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256');
  });

  it("profile 'modern' speaks TLS 1.3 alone", async () => {
    assert.match(await spoken({ profile: 'modern' }), /^TLSv1\.3 /);
    assert.match(await spoken({ profile: 'modern' }, { maxVersion: 'TLSv1.2' }), /PROTOCOL_VERSION/);
  });

  it('security_level refuses what is weaker', async () => {
    assert.match(await spoken({ security_level: 2 }), /^TLSv1\.3 /);
    // P-256 is worth 128 bits; level 4 asks for 192.
    await assert.rejects(async () => await spoken({ security_level: 4 }), /key too small/);
  });
});

/** What a client and a server with these settings agree on. @returns version and suite, or the error's code. */
async function spoken(options: SslOptions, client: ConnectionOptions = {}): Promise<string> {
  const server = createServer({ ...INTERMEDIATE, ...tlsSettings(options), cert, key });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', ca: cert, servername: 'localhost', ...client });
  const result = await new Promise<string>((resolve) => {
    socket.once('secureConnect', () => resolve(`${socket.getProtocol()} ${socket.getCipher().name}`));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
  });
  socket.destroy();
  server.close();
  return result;
}
