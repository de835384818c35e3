import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isEncrypted, pemBlocks } from '../../src/certificates/pem.ts';

const block = (label: string, body = 'AAAA'): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

describe('PEM (RFC 7468)', () => {
  it('§2 has blocks in their order, with anything between them', () => {
    const text = `note\n${block('EC PARAMETERS')}x${block('PRIVATE KEY')}\n\n${block('CERTIFICATE')}`;
    assert.deepEqual(
      pemBlocks(text).map(({ label }) => label),
      ['EC PARAMETERS', 'PRIVATE KEY', 'CERTIFICATE'],
    );
    assert.equal(pemBlocks(text)[1]?.text, block('PRIVATE KEY'));
  });

  it('§2 needs an end of the same label', () => {
    assert.deepEqual(pemBlocks('-----BEGIN A-----\nAAAA\n-----END B-----\n'), []);
    assert.deepEqual(pemBlocks('-----BEGIN A'), []);
    assert.deepEqual(pemBlocks('-----BEGIN A-----'), []);
  });

  it('§11 and the older form tell an encrypted key', () => {
    const [now] = pemBlocks(block('ENCRYPTED PRIVATE KEY'));
    const [then] = pemBlocks(block('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED\r\nDEK-Info: x\n\nAAAA'));
    const [plain] = pemBlocks(block('PRIVATE KEY'));
    assert.deepEqual(
      [now, then, plain].map((one) => one && isEncrypted(one)),
      [true, true, false],
    );
  });

  it('is read whatever the text is, in one go', () => {
    const pieces = fc.constantFrom(
      '-----BEGIN ',
      '-----END ',
      '-----',
      'A',
      '\n',
      'CERTIFICATE',
      'x'.repeat(70),
    );
    fc.assert(fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => void pemBlocks(parts.join(''))));
    const begun = performance.now();
    pemBlocks('-----BEGIN A-----\n'.repeat(50_000));
    assert.ok(performance.now() - begun < 1000);
  });
});
