import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { developmentCertificate } from '../../src/certificates/development.ts';
import { idleWords, proveWords } from '../../src/certificates/ssl-grammar.ts';
import type { SslOptions } from '../../src/certificates/ssl-options.ts';
import { REFUSED_WORDS, SSL_WORDS } from '../../src/certificates/ssl-words.ts';

const prove = (options: object): void => proveWords(options as SslOptions);
const refuses = (options: object, message: RegExp | string): void =>
  assert.throws(() => prove(options), { code: 'E_SSL_OPTION', message });

describe('the words of ssl', () => {
  it("are taken as Workerman's manual gives them", () => {
    prove({
      local_cert: '/etc/ssl/server.pem',
      local_pk: '/etc/ssl/server.key',
      verify_peer: false,
      allow_self_signed: true,
    });
    prove({
      local_cert: 'a.pem',
      SNI_enabled: true,
      SNI_server_certs: { 'a.com': 'a.pem', 'b.com': { local_cert: 'b', local_pk: 'k' } },
    });
  });

  it('are taken as developmentCertificate() gives them', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'usta-words-'));
    prove(await developmentCertificate({ directory }));
    rmSync(directory, { recursive: true });
  });

  const unknown: Record<string, string> = {
    local_crt: 'local_cert',
    localCert: 'local_cert',
    verifypeer: 'verify_peer',
    minversion: 'minVersion',
    SNI_server_cert: 'SNI_server_certs',
    cyphers: 'ciphers',
  };
  for (const [word, meant] of Object.entries(unknown)) {
    it(`${word} is refused with the nearest one`, () =>
      refuses({ [word]: 'x' }, `ssl has no word "${word}"; did you mean ${meant}?`));
  }

  it('without a near one are refused with where the words are', () => {
    refuses({ entirely_different: 1 }, /^ssl has no word "entirely_different"; the words are in /);
    for (const name of ['__proto__', 'constructor', 'toString']) {
      refuses(JSON.parse(`{"${name}": "x"}`), /^ssl has no word /);
    }
  });

  it('of Node that would go past the checks are refused with what to do instead', () => {
    for (const [word, instead] of Object.entries(REFUSED_WORDS))
      refuses({ [word]: 'x' }, `ssl.${word} is not taken; ${instead}`);
  });

  it('that are `undefined` are as if they were not there', () =>
    prove({ local_cert: undefined, nonsense: undefined }));
});

describe('the value of a word', () => {
  const wrongs: [object, RegExp][] = [
    [{ local_cert: 5 }, /^ssl\.local_cert takes a file name, PEM text or a Buffer, not this number$/],
    [{ local_cert: '' }, /takes a file name/],
    [{ verify_peer: 'yes' }, /^ssl\.verify_peer takes true or false, not 'yes'$/],
    [{ verify_peer: 1 }, /not 1$/],
    [
      { minVersion: 'TLSv1' },
      /^ssl\.minVersion takes 'TLSv1\.2' or 'TLSv1\.3', what is older is unsafe, not 'TLSv1'$/,
    ],
    [{ maxVersion: 'SSLv3' }, /is unsafe/],
    [{ profile: 'old' }, /^ssl\.profile takes 'intermediate' or 'modern', not 'old'$/],
    [{ disable_compression: false }, /takes true only: nothing else is safe, not false/],
    [{ verify_depth: -1 }, /takes a whole number from 0 on, not -1/],
    [{ verify_depth: 1.5 }, /whole number/],
    [{ ALPNProtocols: 'h2' }, /takes a list of texts/],
    [{ ticketKeys: Buffer.alloc(32) }, /48 bytes/],
    [{ ca: [5] }, /or a list of them, not a list/],
    [{ SNI_server_certs: { 'a.com': { cert: 'x' } } }, /takes a folder, or a table/],
    [{ SNI_server_certs: ['a.pem'] }, /takes a folder, or a table/],
    [{ peer_fingerprint: { sha256: 5 } }, /hexadecimal/],
  ];
  for (const [options, message] of wrongs) {
    it(`is refused in ${JSON.stringify(options)}`, () => refuses(options, message));
  }

  it('is never shown where it may be a secret', () => {
    for (const passphrase of [123456, { secret: 123456 }, ['123456']]) {
      assert.throws(
        () => prove({ passphrase }),
        (error: Error) => !error.message.includes('123456'),
      );
    }
  });
});

describe('two words against each other', () => {
  it('are refused when they are one word in two languages, unless they say the same', () => {
    for (const [word, { same, type }] of Object.entries(SSL_WORDS)) {
      if (same === undefined || type !== 'pem') continue;
      refuses(
        { [word]: 'a', [same]: 'b' },
        `ssl.${word} and ssl.${same} mean the same and say different things; leave one of them out`,
      );
      prove({ [word]: 'a', [same]: 'a' });
    }
  });

  const clashes: [object, RegExp][] = [
    [{ profile: 'modern', ciphers: 'X' }, /both choose the suites/],
    [{ profile: 'modern', minVersion: 'TLSv1.2' }, /is TLS 1\.3 alone/],
    [{ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' }, /minVersion is above/],
    [{ crypto_method: 32, minVersion: 'TLSv1.3' }, /chooses the versions too/],
    [{ verify_peer: true, requestCert: false }, /say different things/],
    [{ peer_fingerprint: 'ab' }, /which nobody asks for; set verify_peer: true/],
    [{ verify_depth: 1, verify_peer: false }, /which nobody asks for/],
  ];
  for (const [options, message] of clashes) {
    it(`are refused in ${JSON.stringify(options)}`, () => refuses(options, message));
  }
});

describe('words that change nothing', () => {
  it('are told with the reason', () => {
    assert.deepEqual(
      idleWords({ disable_compression: true, local_cert: 'a', peer_name: 'x' }).map(({ word }) => word),
      ['disable_compression', 'peer_name'],
    );
    for (const { says } of Object.values(SSL_WORDS)) assert.ok(says.length > 5);
  });
});
