import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from '../../../src/front/explain.ts';
import { changed, codes, fixture } from './cases.ts';

const good = fixture('good-nginx.conf');
const PASS = 'proxy_pass http://127.0.0.1:8282;';
const headers = good.slice(good.indexOf('proxy_http_version'), good.indexOf('proxy_read_timeout'));

describe('includes', () => {
  it('are followed through the reader, with the line of the include and the place', () => {
    const text = changed(good, [headers, 'include snippets/wss.conf;\n']);
    const bad = headers.replace('$connection_upgrade', '"Upgrade"');
    const [found, ...others] = explain(text, 'nginx', { read: () => `# first\n${bad}` });
    assert.equal(found?.code, 'connection-fixed');
    assert.equal(found?.line, text.slice(0, text.indexOf('include snippets')).split('\n').length);
    assert.match(found?.cause ?? '', /^In snippets\/wss\.conf line 4: /);
    assert.deepEqual(others, []);
    assert.deepEqual(explain(text, 'nginx', { read: () => headers }), []);
  });

  it('are noted when they are not followed, and nothing is said to be missing', () => {
    assert.deepEqual(codes(changed(good, [headers, 'include snippets/wss.conf;\n'])), [
      'include-not-followed',
    ]);
    assert.deepEqual(codes(`Include more.conf\n${fixture('good-apache.conf')}`), ['include-not-followed']);
  });

  it('of known and harmless files are no reason for a word', () => {
    assert.deepEqual(codes(`include /etc/nginx/mime.types;\n${good}`), []);
    const text = changed(good, [
      'ssl_protocols       TLSv1.2 TLSv1.3;',
      'include /etc/letsencrypt/options-ssl-nginx.conf;',
    ]);
    assert.deepEqual(codes(text), []);
  });

  it('know Debian’s proxy_params', () => {
    const text = changed(good, [PASS, `include proxy_params; ${PASS}`]);
    assert.deepEqual([...new Set(codes(text))], ['host-twice', 'header-twice']);
  });

  it('that include themselves come to an end', () => {
    const found = explain(`include a;\n${good}`, 'nginx', { read: () => 'include a; include a; include a;' });
    assert.deepEqual([...new Set(found.map(({ code }) => code))], ['include-not-followed']);
  });

  it('that cannot be read as nginx are named', () => {
    const [found, ...others] = explain(`\ninclude a;\n${good}`, 'nginx', { read: () => '\n\nb {' });
    assert.deepEqual([found?.code, found?.line, others.length], ['syntax', 2, 0]);
    assert.match(found?.cause ?? '', /^In a line 3: the block of "b" is not closed/);
  });

  it('of Apache are followed too', () => {
    const text = changed(fixture('good-apache.conf'), [
      'ProxyPreserveHost On',
      'IncludeOptional conf/*.conf',
    ]);
    assert.deepEqual(explain(text, 'apache', { read: () => 'ProxyPreserveHost On' }), []);
    assert.deepEqual(
      explain(text, 'apache', { read: () => '' }).map(({ code }) => code),
      ['host-not-passed'],
    );
  });
});
