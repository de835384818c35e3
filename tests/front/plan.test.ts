import assert from 'node:assert/strict';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { resolveLimits } from '../../src/connection/limits.ts';
import { formatUpstream, type PlanOptions, planProxy } from '../../src/front/plan.ts';

const plan = (options: Partial<PlanOptions> = {}, proxy = 'nginx') =>
  planProxy(proxy, { domain: 'domain.com', ...options });

describe('planProxy', () => {
  it("has the manual's set-up as its default", () => {
    const { path, upstreams, certificate, key, port, plainPort, http2, proxyProtocol } = plan();
    assert.deepEqual(
      { path, upstreams, certificate, key, port, plainPort, http2, proxyProtocol },
      {
        path: '/',
        upstreams: [{ host: '127.0.0.1', port: 8282 }],
        certificate: '/etc/ssl/server.pem',
        key: '/etc/ssl/server.key',
        port: 443,
        plainPort: 80,
        http2: false,
        proxyProtocol: false,
      },
    );
  });

  it('takes request bodies as large as the worker does', () => {
    assert.equal(plan().maxBody, resolveLimits({}).maxBody);
  });

  it('lets Caddy get its own certificates, and gives HAProxy one file', () => {
    const { certificate, key } = plan({}, 'caddy');
    assert.deepEqual([certificate, key], [undefined, undefined]);
    assert.deepEqual(
      [plan({}, 'haproxy').certificate, plan({}, 'haproxy').key],
      ['/etc/haproxy/server.pem', undefined],
    );
  });

  it('takes file names relative to where the person is', () => {
    assert.equal(plan({ certificate: 'a.pem' }).certificate, join(process.cwd(), 'a.pem'));
    assert.equal(plan({ certificate: 'a.pem' }).key, join(process.cwd(), 'a.pem'));
    assert.equal(plan({ certificate: '/b/a.pem', key: '/b/a.key' }).key, '/b/a.key');
  });

  it('knows what HAProxy finds by itself: a key in the same file, or beside it', () => {
    for (const key of ['/b/a.pem', '/b/a.pem.key']) {
      assert.equal(plan({ certificate: '/b/a.pem', key }, 'haproxy').certificate, '/b/a.pem');
    }
    assert.throws(() => plan({ certificate: '/b/a.pem', key: '/b/a.key' }, 'haproxy'), {
      code: 'E_FILE',
      message: /^HAProxy reads the key from the file of the certificate: cat \/b\/a\.pem \/b\/a\.key > FILE/,
    });
  });

  it('writes an internationalized name as certificates have it: RFC 5891', () => {
    assert.equal(plan({ domain: 'bücher.de' }).domain, 'xn--bcher-kva.de');
    assert.equal(plan({ domain: 'DOMAIN.com' }).domain, 'domain.com');
    assert.equal(plan({ domain: 'localhost' }).domain, 'localhost');
  });

  it('reads addresses of workers, with brackets around IPv6', () => {
    const { upstreams } = plan({ upstreams: ['[::1]:8282', 'worker.internal:1', '10.0.0.2:65535'] });
    assert.deepEqual(upstreams.map(formatUpstream), ['[::1]:8282', 'worker.internal:1', '10.0.0.2:65535']);
  });

  const refused: Record<string, readonly [options: Partial<PlanOptions>, code: string, says: RegExp]> = {
    'a URL for a name': [{ domain: 'https://domain.com' }, 'E_DOMAIN', /is no domain name.*without https:/],
    'a name with a port': [{ domain: 'domain.com:443' }, 'E_DOMAIN', /is no domain name/],
    'an address for a name': [{ domain: '192.0.2.1' }, 'E_DOMAIN', /is no domain name/],
    'an empty name': [{ domain: '' }, 'E_DOMAIN', /is no domain name/],
    'a name that is too long': [{ domain: `${'a.'.repeat(130)}com` }, 'E_DOMAIN', /is no domain name/],
    'two names': [{ domain: 'domain.com www.domain.com' }, 'E_DOMAIN', /is no domain name/],
    'a name that ends a directive': [{ domain: 'domain.com;' }, 'E_DOMAIN', /is no domain name/],
    'a path without its slash': [{ path: 'wss' }, 'E_PATH', /must begin with "\/"/],
    'a path that ends a directive': [{ path: '/wss;return 200' }, 'E_PATH', /letters, digits/],
    'a path with a variable': [{ path: '/$host' }, 'E_PATH', /letters, digits/],
    'a path with a line end': [{ path: '/wss\n' }, 'E_PATH', /letters, digits/],
    'a path with a quote': [{ path: '/w"' }, 'E_PATH', /letters, digits/],
    'a path that proxies would normalize': [{ path: '/a/../wss' }, 'E_PATH', /no "\." or "\.\."/],
    'a path with two slashes': [{ path: '/a//wss' }, 'E_PATH', /single slashes/],
    'an address without port': [{ upstreams: ['127.0.0.1'] }, 'E_UPSTREAM', /takes host:port/],
    'a port beyond the last': [{ upstreams: ['127.0.0.1:65536'] }, 'E_UPSTREAM', /takes host:port/],
    'a URL of a worker': [{ upstreams: ['ws://127.0.0.1:8282'] }, 'E_UPSTREAM', /takes host:port/],
    'an address that is none': [{ upstreams: ['127.0.0.256:1'] }, 'E_UPSTREAM', /takes host:port/],
    'half an address': [{ upstreams: ['127.1:1'] }, 'E_UPSTREAM', /takes host:port/],
    'IPv6 that is none': [{ upstreams: ['[::1::]:1'] }, 'E_UPSTREAM', /takes host:port/],
    'a key alone': [{ key: '/a.key' }, 'E_FILE', /without --cert/],
    'a file name with a blank': [{ certificate: '/a b.pem' }, 'E_FILE', /would misread it/],
    'a file name with a quote': [{ certificate: '/a".pem' }, 'E_FILE', /would misread it/],
    'a file name with a line end': [{ certificate: '/a.pem\n}' }, 'E_FILE', /would misread it/],
    'no port': [{ port: 0 }, 'E_PORT', /from 1 to 65535/],
    'half a port': [{ plainPort: 80.5 }, 'E_PORT', /from 0 to 65535/],
    'a version that is none': [{ version: 'latest' }, 'E_VERSION', /is no version/],
  };
  for (const [what, [options, code, says]] of Object.entries(refused)) {
    it(`refuses ${what} in one line`, () => {
      assert.throws(
        () => plan(options),
        (error: Error & { code: string }) => {
          assert.equal(error.code, code);
          assert.match(error.message, says);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        },
      );
    });
  }

  it('knows which proxy was meant', () => {
    assert.throws(() => plan({}, 'ngnix'), { code: 'E_PROXY', message: /did you mean nginx\?/ });
    assert.throws(() => plan({}, 'traefik'), { message: /one of nginx, apache, haproxy, caddy/ });
  });

  it('lets nothing through that a configuration could misread, whatever is typed', () => {
    const harmless = /^[A-Za-z0-9._~/@+:[\]-]*$/;
    const typed = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(typed, typed, typed, (one, other, third) => {
        for (const options of [
          { domain: one },
          { path: `/${other}` },
          { certificate: `/${third}` },
          { upstreams: [`${one}:1`] },
        ]) {
          try {
            const { domain, path, certificate = '', upstreams } = plan(options);
            for (const part of [domain, path, certificate, ...upstreams.map(formatUpstream)])
              assert.match(part, harmless);
          } catch (error) {
            assert.equal((error as Error).name, 'UsageError', String(error));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
