import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTarget } from '../../../src/protocol/http/request-target.ts';

describe('readTarget — RFC 9112 §3.2', () => {
  it('§3.2.1 origin-form', () => {
    for (const target of ['/', '/a/b', '/?', '/a?b=c?d', '//a', '/http://a']) {
      assert.deepEqual(readTarget('GET', target), { resource: target });
    }
  });

  it('§3.2.2 absolute-form', () => {
    for (const [target, authority, resource] of [
      ['http://a', 'a', '/'],
      ['http://a/', 'a', '/'],
      ['https://a:1/b?c', 'a:1', '/b?c'],
      ['hTTp://[::1]?q', '[::1]', '/?q'],
      ['http://a?b/c', 'a', '/?b/c'],
    ] as const) {
      assert.deepEqual(readTarget('GET', target), { resource, authority });
    }
  });

  it('§3.2.4 asterisk-form is for OPTIONS, also as an absolute-form without a path', () => {
    assert.deepEqual(readTarget('OPTIONS', '*'), { resource: '*' });
    assert.deepEqual(readTarget('OPTIONS', 'http://a:1'), { resource: '*', authority: 'a:1' });
    assert.deepEqual(readTarget('OPTIONS', 'http://a:1/'), { resource: '/', authority: 'a:1' });
    assert.throws(() => readTarget('GET', '*'), { status: 400 });
  });

  it('refuses everything else', () => {
    for (const target of [
      '',
      'a',
      'a:80',
      '?a',
      'http:',
      'http:/a',
      'http://',
      'http://:80',
      'http://u@a/',
      'ws://a/',
      '/ ',
      '/é',
      '**',
    ]) {
      assert.throws(() => readTarget('OPTIONS', target), { code: 'E_HTTP_PROTOCOL', status: 400 }, target);
    }
  });
});
