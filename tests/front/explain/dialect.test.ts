import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialectOf } from '../../../src/front/explain/dialect.ts';
import { fixture } from './cases.ts';

describe('dialectOf', () => {
  it('tells the fixtures apart', () => {
    for (const name of ['manual-nginx', 'good-nginx', 'nginx-docker', 'nginx-socketio-cluster']) {
      assert.equal(dialectOf(fixture(`${name}.conf`)), 'nginx', name);
    }
    for (const name of [
      'manual-apache',
      'manual-apache-modules',
      'good-apache',
      'apache-location',
      'apache-old',
    ]) {
      assert.equal(dialectOf(fixture(`${name}.conf`)), 'apache', name);
    }
  });

  it('needs only a line', () => {
    for (const text of [
      'proxy_pass http://a;',
      'location /wss\n{\n  x;\n}',
      'ssl on;',
      'server{listen 1;}',
    ]) {
      assert.equal(dialectOf(text), 'nginx', text);
    }
    for (const text of ['ProxyPass /wss ws://a/', '<Location /wss>\n', 'sslprotocol all', 'Listen 443']) {
      assert.equal(dialectOf(text), 'apache', text);
    }
  });

  it('refuses what is neither, in one line', () => {
    for (const text of [
      '',
      '\0\0\0',
      '{"a": 1}',
      '<html></html>',
      'const a = 1;',
      '<?php echo 1;',
      'bind *:443\n',
    ]) {
      assert.throws(
        () => dialectOf(text),
        { name: 'UsageError', code: 'E_DIALECT', message: /^[^\n]+$/ },
        text,
      );
    }
  });
});
