import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Headers } from '../../../src/protocol/http/headers.ts';
import { Request } from '../../../src/protocol/http/request.ts';

describe('Request — RFC 9110, RFC 9112', () => {
  it('RFC 9112 §3.2 has path and query as they were sent', () => {
    const request = make({ target: '/a%20b/c?d=%C3%A9&e=1&e=2?x' });
    assert.deepEqual([request.path, request.queryString], ['/a%20b/c', 'd=%C3%A9&e=1&e=2?x']);
    assert.deepEqual([request.get('d'), request.get('e'), request.get('f')], ['é', '1', null]);
    assert.deepEqual(request.query.getAll('e'), ['1', '2?x']);
    assert.equal(request.query, request.query, 'made once');
  });

  it('RFC 9112 §3.2 has no query without a question mark', () => {
    const request = make({ target: '/a' });
    assert.deepEqual([request.path, request.queryString, [...request.query].length], ['/a', '', 0]);
  });

  it('RFC 9112 §3.2.2 takes path and query of an absolute-form from its resource', () => {
    const request = make({ target: 'http://a/b?c', resource: '/b?c' });
    assert.deepEqual([request.target, request.path, request.queryString], ['http://a/b?c', '/b', 'c']);
  });

  it('RFC 9110 §7.2 gives the host without its port', () => {
    const hosts = ['a', 'a:80', '[::1]', '[::1]:80'].map((host) => make({ fields: ['host', host] }).host);
    assert.deepEqual(hosts, ['a', 'a', '[::1]', '[::1]']);
    assert.equal(make({}).host, undefined);
  });

  it('RFC 9110 §5.2 gives headers by name', () => {
    const request = make({ fields: ['x-a', '1', 'x-a', '2'] });
    assert.equal(request.header('X-A'), '1, 2');
    assert.equal(request.header('x-b'), undefined);
  });

  it('RFC 9112 §9.3 tells whether the connection persists', () => {
    for (const [version, connection, expected] of [
      ['1.1', undefined, true],
      ['1.1', 'close', false],
      ['1.1', 'Upgrade, Close', false],
      ['1.1', 'closed', true],
      ['1.1', 'keep-alive', true],
      ['1.1', 'keep-alive, close', false],
      ['1.0', undefined, false],
      ['1.0', 'Keep-Alive', true],
      ['1.0', 'keep-alive, close', false],
    ] as const) {
      const fields = connection === undefined ? [] : ['connection', connection];
      assert.equal(make({ version, fields }).keepAlive, expected, `${version} ${connection}`);
    }
  });

  it('RFC 9110 §6.4 has its body as bytes, text and JSON', () => {
    const request = make({ body: '{"a":"é"}' });
    assert.equal(request.body.length, 10);
    assert.equal(request.text(), '{"a":"é"}');
    assert.deepEqual(request.json(), { a: 'é' });
    assert.throws(() => make({}).json(), { code: 'E_HTTP_PROTOCOL', status: 400 });
    assert.equal(make({}).body.length, 0);
  });
});

interface Parts {
  readonly target?: string;
  readonly resource?: string;
  readonly version?: '1.0' | '1.1';
  /** Name, value, name, value, … */
  readonly fields?: readonly string[];
  readonly body?: string;
}

function make({ target = '/', resource = target, version = '1.1', fields = [], body }: Parts): Request {
  const lines = fields.map((part, index) => (index % 2 === 0 ? `${part}: ` : `${part}\r\n`));
  const head = { method: 'GET', target, resource, version, headers: new Headers(`${lines.join('')}\r\n`) };
  return body === undefined ? new Request(head) : new Request(head, Buffer.from(body));
}
