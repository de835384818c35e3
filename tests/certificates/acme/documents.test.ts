import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AcmeError } from '../../../src/certificates/acme/acme-error.ts';
import {
  authorizationIn,
  contactsIn,
  directoryIn,
  orderIn,
  problemIn,
  suggestionIn,
} from '../../../src/certificates/acme/documents.ts';

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const URLS = { newNonce: 'https://ca/n', newAccount: 'https://ca/a', newOrder: 'https://ca/o' };

describe('documents of an authority', () => {
  it('RFC 8555 §7.1.1 a directory, with what an authority may leave out', () => {
    assert.deepEqual(directoryIn(bytes(URLS)), {
      ...URLS,
      renewalInfo: undefined,
      externalAccountRequired: false,
    });
    const more = {
      ...URLS,
      renewalInfo: 'https://ca/r',
      meta: { externalAccountRequired: true },
      'random key': 'x',
    };
    assert.equal(directoryIn(bytes(more)).renewalInfo, 'https://ca/r');
    assert.equal(directoryIn(bytes(more)).externalAccountRequired, true);
    assert.throws(
      () => directoryIn(bytes({ ...URLS, newOrder: undefined })),
      /lacks newOrder; is directory the address/,
    );
    assert.throws(() => directoryIn(Buffer.from('<!doctype html>')), /directory is not JSON/);
    assert.throws(() => directoryIn(bytes({ ...URLS, newOrder: 'nowhere' })), /has "nowhere" for a URL/);
  });

  it('RFC 8555 §7.1.3 an order', () => {
    const order = { status: 'pending', authorizations: ['https://ca/z'], finalize: 'https://ca/f' };
    assert.deepEqual(orderIn(bytes(order)), { ...order, certificate: undefined, problem: undefined });
    const failed = { ...order, error: { type: 'urn:ietf:params:acme:error:caa', detail: 'no' } };
    assert.deepEqual(orderIn(bytes(failed)).problem, { word: 'caa', text: 'no' });
    const endless = { ...order, authorizations: Array(10_000).fill('https://ca/z') };
    assert.equal(orderIn(bytes(endless)).authorizations.length, 200);
  });

  it('RFC 8555 §8.1 only challenges with a token of base64url', () => {
    const challenge = {
      type: 'http-01',
      url: 'https://ca/c',
      token: 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0',
    };
    const tokens = [
      '../../../../etc/passwd',
      'short',
      'with space in the middle',
      '',
      7,
      undefined,
      `${'x'.repeat(600)}`,
    ];
    const challenges = [...tokens.map((token) => ({ ...challenge, token })), null, 'text', challenge];
    const identifier = { type: 'dns', value: 'Shop.usta.dev' };
    const read = authorizationIn(bytes({ status: 'pending', identifier, challenges }));
    assert.equal(read.domain, 'shop.usta.dev');
    assert.deepEqual(read.challenges, [{ ...challenge, problem: undefined }]);
  });

  it('RFC 8555 §6.7.1 a problem, the first of several in it, one line each', () => {
    const problem = {
      type: 'urn:ietf:params:acme:error:compound',
      detail: 'several\nthings',
      subproblems: [{ type: 'urn:ietf:params:acme:error:caa', detail: 'CAA forbids' }],
    };
    assert.deepEqual(problemIn(bytes(problem)), { word: 'caa', text: 'several things: CAA forbids' });
    assert.deepEqual(problemIn(bytes({ type: 'about:blank' })), { word: 'other', text: 'no reason given' });
    assert.deepEqual(problemIn(bytes({ type: 'urn:ietf:params:acme:error:a b', detail: 'x' })), {
      word: 'other',
      text: 'x',
    });
    for (const none of [{}, [], 'text', null]) assert.equal(problemIn(bytes(none)), undefined);
    assert.equal(problemIn(Buffer.from('{')), undefined);
  });

  it('RFC 8555 §7.1.2 contacts, when the authority tells them', () => {
    assert.deepEqual(contactsIn(bytes({ contact: ['mailto:a@b'] })), ['mailto:a@b']);
    assert.equal(contactsIn(bytes({})), undefined);
  });

  it('fail in one way only, whatever is in them', () => {
    const readers = [directoryIn, orderIn, authorizationIn, contactsIn, suggestionIn, problemIn];
    const names = [
      'status',
      'authorizations',
      'finalize',
      'challenges',
      'identifier',
      'suggestedWindow',
      'error',
      'meta',
    ];
    const anything = fc.dictionary(fc.constantFrom(...names, ...Object.keys(URLS)), fc.jsonValue());
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue()), (document) => {
        for (const read of readers) {
          try {
            read(bytes(document));
          } catch (error) {
            assert.ok(error instanceof AcmeError, String(error));
          }
        }
      }),
    );
  });
});
