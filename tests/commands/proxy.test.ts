import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { obey } from '../../src/cli/obey.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { proxyCommand } from '../../src/commands/proxy.ts';

async function usta(...words: string[]): Promise<{ code: number; printed: string; complaints: string }> {
  const printed: string[] = [];
  const complaints: string[] = [];
  const terminal: Terminal = {
    width: 80,
    interactive: false,
    print: (text) => void printed.push(text),
    complain: (text) => void complaints.push(text),
    progress: () => {},
    paint: (_style, text) => text,
  };
  const code = await obey([proxyCommand], ['proxy', ...words], terminal);
  return { code, printed: printed.join('\n'), complaints: complaints.join('\n') };
}

describe('usta proxy', () => {
  it('prints a whole configuration and nothing else', async () => {
    const { code, printed, complaints } = await usta(
      ...['nginx', '--domain', 'domain.com', '--path', '/wss', '--version', '1.22.1', '--http2'],
      ...['--upstream', '127.0.0.1:1', '--upstream', '127.0.0.1:2', '--cert', '/a.pem', '--key', '/a.key'],
    );
    assert.deepEqual([code, complaints], [0, '']);
    for (const part of [
      'listen 443 ssl http2;',
      'server 127.0.0.1:1;',
      'server 127.0.0.1:2;',
      'ssl_certificate_key /a.key;',
    ]) {
      assert.ok(printed.includes(part), part);
    }
  });

  it('takes ports', async () => {
    const { printed } = await usta(
      'nginx',
      '--domain',
      'a.b',
      '--port',
      '8443',
      '--plain-port',
      '0',
      '--version',
      '1.22.1',
    );
    assert.ok(printed.includes('listen 8443 ssl;'));
    assert.ok(!printed.includes('301'));
  });

  const wrong: Record<string, readonly [words: string[], says: RegExp]> = {
    'no proxy': [
      ['--domain', 'a.b'],
      /^usta: which proxy\? usta proxy nginx\|apache\|haproxy\|caddy --domain NAME/,
    ],
    'an unknown proxy': [['cady', '--domain', 'a.b'], /did you mean caddy\?$/],
    'no domain': [['nginx'], /^usta: for which name\? --domain domain\.com$/],
    'a wrong path': [['nginx', '--domain', 'a.b', '--path', 'wss'], /must begin with "\/"/],
    'a wrong port': [['nginx', '--domain', 'a.b', '--port', 'https'], /--port needs a number/],
    'what the proxy cannot do': [
      ['apache', '--domain', 'a.b', '--proxy-protocol'],
      /Apache cannot send PROXY headers/,
    ],
    '--full alone': [['nginx', '--domain', 'a.b', '--full'], /--full goes with --check$/],
    'a file that is not there': [
      ['--explain', '/nowhere/nginx.conf'],
      /^usta: \/nowhere\/nginx\.conf does not exist$/,
    ],
    'a folder': [['--explain', '/'], /^usta: \/ cannot be read/],
    'an unknown dialect': [
      ['haproxy', '--explain', '/nowhere'],
      /reads configurations of nginx and apache, not of haproxy/,
    ],
  };
  for (const [what, [words, says]] of Object.entries(wrong)) {
    it(`answers ${what} with one line and 2`, async () => {
      const { code, printed, complaints } = await usta(...words);
      assert.deepEqual([code, printed], [2, '']);
      assert.match(complaints, says);
      assert.doesNotMatch(complaints, /\n/);
    });
  }
});

describe('usta proxy --explain', () => {
  const folder = mkdtempSync(join(tmpdir(), 'usta-explain-'));
  after(() => rmSync(folder, { recursive: true }));

  function file(text: string): string {
    const path = join(folder, 'site.conf');
    writeFileSync(path, text);
    return path;
  }

  it('names line, cause and remedy, and ends with 1 when something is at fault', async () => {
    const path = file(
      'server {\n  listen 443;\n  ssl on;\n  location /wss { proxy_pass http://127.0.0.1:8282; }\n}\n',
    );
    const { code, printed } = await usta('--explain', path);
    assert.equal(code, 1);
    assert.match(printed, new RegExp(`^${path}:3 {2}.+ → .+$`, 'm'));
  });

  it('finds nothing at fault in what usta proxy prints', async () => {
    for (const proxy of ['nginx', 'apache']) {
      const { printed: text } = await usta(proxy, '--domain', 'domain.com', '--path', '/wss');
      const { code, printed } = await usta(proxy, '--explain', file(text));
      assert.equal(code, 0, printed);
      assert.match(printed, /nothing in it breaks wss/);
    }
  });
});
