/** docs/how-to/why-does-it-not-connect.md: each command in it is run, each code in it is one of the doctor's. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../fixtures/free-port.ts';
import { Site } from './site.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs/how-to/why-does-it-not-connect.md'), 'utf8');
const USTA = join(ROOT, 'dist/src/usta.js');

interface Ran {
  readonly exitCode: number | null;
  readonly output: string;
}

/** What each command of the page does, where the page's names are those of a service that works. */
const EXPECTED: Readonly<Record<string, (ran: Ran) => void>> = {
  'usta doctor wss://domain.com/wss': connects,
  'usta doctor --local 8282': ({ output }) => {
    assert.match(output, /^✓ port \d+ .* node \(pid \d+, \S+\) listens on 127\.0\.0\.1:\d+/m);
    assert.match(output, /^. firewall /m);
    assert.match(output, /^. descriptors /m);
  },
  'usta proxy --explain /etc/nginx/sites-enabled/default': ({ exitCode, output }) => {
    assert.equal(exitCode, 1);
    assert.match(output, /default:\d+ /);
  },
  'usta doctor wss://domain.com/wss --idle 75': (ran) => {
    connects(ran);
    assert.match(ran.output, /^✓ idle for 1 s .* still open/m);
  },
  'usta doctor wss://domain.com/wss --page https://domain.com/chat': connects,
  'usta doctor ws://127.0.0.1:8282/wss': connects,
  'usta doctor wss://domain.com/wss --for wechat': ({ exitCode, output }) => {
    assert.equal(exitCode, 1, 'the authority and the port of a test are no public ones');
    assert.match(output, /^✗ wechat-port$/m);
  },
  'usta doctor --local 443 --cert /etc/ssl/server.pem --key /etc/ssl/server.key': ({ exitCode, output }) => {
    assert.equal(exitCode, 1);
    assert.match(output, /^✗ nothing-listens$[\s\S]*^✗ certificate-/m);
  },
};

describe('docs/how-to/why-does-it-not-connect.md', () => {
  const site = new Site();
  let folder = '';
  let names: readonly (readonly [written: string, here: string])[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'usta-page-'));
    const pair = site.pair();
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const [secure, plain] = [await site.echo(pair), await site.echo()];
    const authority = file('ca.pem', site.authority.cert);
    names = [
      ['wss://domain.com/wss', `wss://localhost:${secure}/wss --ca ${authority}`],
      ['127.0.0.1:8282', `127.0.0.1:${plain}`],
      ['--local 8282', `--local ${plain}`],
      ['--local 443', `--local ${await freePort()}`],
      ['--idle 75', '--idle 1'],
      ['https://domain.com/chat', `https://localhost:${secure}/chat`],
      [
        '/etc/nginx/sites-enabled/default',
        file(
          'default',
          'server {\n  ssl on;\n  location /wss {\n    proxy_pass http://127.0.0.1:8282;\n  }\n}\n',
        ),
      ],
      ['/etc/ssl/server.pem', file('server.pem', pair.cert)],
      ['/etc/ssl/server.key', file('server.key', pair.key)],
    ];
  });
  after(async () => {
    await site.close();
    rmSync(folder, { recursive: true });
  });

  it('has the commands that are run here, and no others', () => {
    assert.deepEqual([...new Set(commands())].sort(), Object.keys(EXPECTED).sort());
  });

  for (const command of Object.keys(EXPECTED)) {
    it(command, async () => {
      let line = command;
      for (const [written, here] of names) line = line.replace(written, here);
      EXPECTED[command]?.(await run(line.split(' ').slice(1)));
    });
  }

  it('names codes that the doctor has', () => {
    const sources = ['src/doctor/catalogue', 'src/doctor/local'].flatMap((room) =>
      readdirSync(join(ROOT, room)).map((name) => readFileSync(join(ROOT, room, name), 'utf8')),
    );
    const named = [...PAGE.matchAll(/`([a-z\d]+(?:-[a-z\d]+)+)`/g)].map(([, code = '']) => code);
    assert.ok(named.length > 12, `${named.length} codes`);
    for (const code of named)
      assert.ok(
        sources.some((text) => text.includes(`'${code}'`)),
        code,
      );
  });
});

function connects({ exitCode, output }: Ran): void {
  assert.match(output, /✓ connects: nothing is wrong/);
  assert.equal(exitCode, 0);
}

function commands(): string[] {
  const blocks = [...PAGE.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.split('\n').filter((line) => line !== ''));
}

async function run(words: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [USTA, ...words], {
    env: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exitCode = await new Promise<number | null>((done) => child.once('close', done));
  return { exitCode, output };
}
