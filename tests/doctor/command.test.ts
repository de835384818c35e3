import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, afterEach, before, describe, it } from 'node:test';
import { obey } from '../../src/cli/obey.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { doctorCommand } from '../../src/commands/doctor.ts';
import type { ToldReport } from '../../src/doctor/report.ts';
import { freePort } from '../fixtures/free-port.ts';
import { Site } from './site.ts';

describe('usta doctor', () => {
  const { LC_ALL } = process.env;
  const directory = mkdtempSync(join(tmpdir(), 'usta-doctor-'));
  const ca = join(directory, 'ca.pem');
  let site: Site;
  let secure: number;
  before(async () => {
    process.env.LC_ALL = 'C.UTF-8';
    site = new Site();
    writeFileSync(ca, site.authority.cert);
    secure = await site.echo(site.pair());
  });
  afterEach(() => {
    process.env.LC_ALL = 'C.UTF-8';
  });
  after(async () => {
    if (LC_ALL === undefined) delete process.env.LC_ALL;
    else process.env.LC_ALL = LC_ALL;
    rmSync(directory, { recursive: true });
    await site.close();
  });

  it('shows each step in a line, and ends with 0 when nothing is wrong', async () => {
    const { exitCode, output } = await doctor(`wss://127.0.0.1:${secure}/`, '--ca', ca);
    assert.equal(exitCode, 0, output);
    const marks = output.split('\n').filter((line) => /^✓ \S.* +\d+(\.\d)? ms {2}\S/.test(line));
    assert.equal(marks.length, 7, output);
    assert.match(output, /\n\n✓ connects: nothing is wrong\n$/);
  });

  it('ends with the one cause and its remedy, within 80 columns, and with 1', async () => {
    const { exitCode, output } = await doctor(`wss://127.0.0.1:${await freePort()}/`);
    assert.equal(exitCode, 1);
    assert.match(
      output,
      /^✗ TCP .*\n\n✗ port-refused\n {2}cause {3}127\.0\.0\.1 refuses.*\n {2}remedy {2}check the port/,
    );
    for (const line of output.split('\n')) assert.ok(line.length <= 80, line);
  });

  it('lists what else was seen', async () => {
    const port = await site.echo({ ...site.pair(), minVersion: 'TLSv1.3' });
    const { exitCode, output } = await doctor(`wss://127.0.0.1:${port}/`, '--ca', ca);
    assert.equal(exitCode, 0, output);
    assert.match(output, /\nalso seen\n! tls12-missing\n/);
  });

  it('speaks Turkish where the environment does', async () => {
    process.env.LC_ALL = 'tr_TR.UTF-8';
    const { output } = await doctor(`wss://127.0.0.1:${await freePort()}/`);
    assert.match(output, / {2}neden {2}127\.0\.0\.1 \d+ kapısını reddediyor/);
  });

  it('prints one JSON document with --json, and nothing else', async () => {
    const { exitCode, output } = await doctor(`ws://127.0.0.1:${await freePort()}/`, '--json');
    const { verdict, steps, ...rest } = JSON.parse(output) as ToldReport;
    assert.equal(exitCode, 1);
    assert.equal(verdict?.code, 'port-refused');
    assert.match(verdict?.cause ?? '', /nothing listens there$/);
    assert.deepEqual(Object.keys(verdict ?? {}), ['code', 'severity', 'cause', 'remedy']);
    assert.deepEqual(
      steps.map((one) => Object.keys(one)),
      [['step', 'ok', 'note', 'milliseconds']],
    );
    assert.deepEqual({ ...rest, url: '' }, { version: 1, url: '', language: 'en', ok: false, also: [] });
  });

  it('sends headers, origin and subprotocols as they were given', async () => {
    const port = await site.echo(undefined, {
      verifyClient: ({ origin, req }, done) =>
        done(origin === 'https://shop.example' && req.headers.cookie === 'a=b', 401),
      handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
    });
    const words = [
      '--page',
      'https://shop.example/a/b',
      '--header',
      'Cookie: a=b',
      '--protocol',
      'mqtt',
      '--protocol',
      'chat',
    ];
    const { exitCode, output } = await doctor(`ws://127.0.0.1:${port}/`, ...words);
    assert.equal(exitCode, 0, output);
    assert.match(output, /101 Switching Protocols, chat, no compression/);
  });

  it('refuses with 2 what was typed wrong, before anything is connected', async () => {
    const wrong: readonly (readonly [RegExp, ...string[]])[] = [
      [/which URL\?/],
      [/did you mean wss:\/\/shop\.example/, 'shop.example'],
      [/--for knows wechat/, 'wss://a.example/', '--for', 'whatsapp'],
      [/--address needs an IP address/, 'wss://a.example/', '--address', 'b.example'],
      [/--dns needs an IP address/, 'wss://a.example/', '--dns', 'b.example'],
      [/--header needs NAME: TEXT/, 'wss://a.example/', '--header', 'nonsense'],
      [/--page needs a URL/, 'wss://a.example/', '--page', 'nonsense'],
      [/--ca .* cannot be read/, 'wss://a.example/', '--ca', join(directory, 'absent')],
      [/--timeout needs a number/, 'wss://a.example/', '--timeout', 'long'],
      [/--local takes a port/, '--local', '70000'],
      [/origin cannot be sent/, 'wss://a.example/', '--origin', 'a\r\nb'],
      [/protocols cannot be sent/, 'wss://a.example/', '--protocol', 'a b'],
    ];
    for (const [says, ...words] of wrong) {
      const { exitCode, output } = await doctor(...words);
      assert.equal(exitCode, 2, `${words} ${output}`);
      assert.match(output, says);
    }
  });
});

async function doctor(...words: string[]): Promise<{ exitCode: number; output: string }> {
  let output = '';
  const tell = (text: string): void => {
    output += `${text}\n`;
  };
  const terminal: Terminal = {
    width: 80,
    interactive: false,
    print: tell,
    complain: tell,
    progress: () => undefined,
    paint: (_style, text) => text,
  };
  const exitCode = await obey([doctorCommand], ['doctor', ...words], terminal);
  return { exitCode, output };
}
