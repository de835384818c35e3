import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandshakeError, tlsFailureOf } from '../../src/transport/tls-failure.ts';

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('why a handshake failed — RFC 8446 §6.2', () => {
  it('is told from the codes of Node', () => {
    const causes = {
      ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'untrusted',
      ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'untrusted',
      ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'untrusted',
      ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'untrusted',
      ERR_SSL_UNSUPPORTED_PROTOCOL: 'version',
      ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'version',
      ERR_SSL_NO_SHARED_CIPHER: 'suite',
      ERR_SSL_NO_APPLICATION_PROTOCOL: 'protocol',
      ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'client-certificate',
      ERR_SSL_WRONG_VERSION_NUMBER: 'garbage',
      ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC: 'garbage',
      ECONNRESET: 'hung-up',
    };
    for (const [code, cause] of Object.entries(causes)) assert.equal(tlsFailureOf(coded(code)), cause, code);
  });

  it('our own reasons say it themselves; none means that the client left', () => {
    assert.equal(tlsFailureOf(new HandshakeError('crowded', 'too many')), 'crowded');
    assert.equal(tlsFailureOf(undefined), 'hung-up');
  });
});
