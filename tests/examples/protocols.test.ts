/** The examples of protocols, run as they are. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { freePort } from '../fixtures/free-port.ts';
import { Script } from '../fixtures/script.ts';
import { Sender } from '../worker/datagrams.ts';
import { Typist } from '../worker/lines.ts';

const EXAMPLES = resolve(import.meta.dirname ?? '.', '..', '..', '..', 'examples');
const directory = mkdtempSync(join(tmpdir(), 'usta-examples-'));
const scripts: Script[] = [];
const typists: Typist[] = [];

async function run(name: string, env: Readonly<Record<string, string>>): Promise<void> {
  const script = new Script(join('examples', `${name}.js`), [], env);
  scripts.push(script);
  await script.printed(/^.*worker .*: .* on .*, \d process/m);
}

async function typist(where: { port: number; host: string } | { path: string }): Promise<Typist> {
  const one = await Typist.connect(where);
  typists.push(one);
  return one;
}

describe('examples', { timeout: 60_000 }, () => {
  after(async () => {
    for (const one of typists) one.cutOff();
    await Promise.all(scripts.map((script) => script.end('SIGTERM')));
    rmSync(directory, { recursive: true });
  });

  it('have at most 30 lines each, and pages with a login 40', () => {
    for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith('.ts'))) {
      const lines = readFileSync(join(EXAMPLES, file), 'utf8').trimEnd().split('\n').length;
      assert.ok(lines <= (file === 'login-and-upload.ts' ? 40 : 30), file);
    }
  });

  it('telnet-chat: who has told a name hears the others come, speak and go', async () => {
    const port = await freePort();
    await run('telnet-chat', { PORT: String(port) });
    const ann = await typist({ port, host: '127.0.0.1' });
    await ann.hears('Who are you?\n');
    ann.type('Ann\r\n');
    await ann.hears('Ann is here\n');
    const unnamed = await typist({ port, host: '127.0.0.1' });
    const bob = await typist({ port, host: '127.0.0.1' });
    bob.type('Bob\nhello\n');
    await ann.hears('Bob is here\nBob: hello\n');
    ann.type('hi Bob\r\n');
    await bob.hears('Ann: hi Bob\n');
    bob.leave();
    await ann.hears('Bob has left\n');
    assert.equal(unnamed.heard, 'Who are you?\n');
  });

  it('unix-echo: gives back a line', async () => {
    const path = join(directory, 'echo.sock');
    await run('unix-echo', { SOCKET: path });
    const one = await typist({ path });
    one.type('hello\n');
    await one.hears('hello\n');
  });

  it('udp-clock: tells the time, and says nothing to anybody else', async () => {
    const port = await freePort();
    await run('udp-clock', { PORT: String(port) });
    const one = await Sender.to(port);
    one.send('weather\n');
    one.send('time\n');
    assert.match((await one.hears(1))[0] ?? '', /^\d{4}-\d\d-\d\dT.*Z\n$/);
    one.close();
  });

  it('binary-upload: a file for a package, under a name that cannot lead elsewhere', async () => {
    const port = await freePort();
    await run('binary-upload', { PORT: String(port), FILES: directory });
    const one = await typist({ port, host: '127.0.0.1' });
    one.type('\0\0\0\x14\x09../../a.bhello\n');
    await one.hears('saved a.b, 6 bytes\n');
    assert.equal(readFileSync(join(directory, 'a.b'), 'utf8'), 'hello\n');
  });

  it('login-and-upload: files of who has logged in, whichever process answers', async () => {
    const port = await freePort();
    await run('login-and-upload', { PORT: String(port), FILES: directory, TMPDIR: directory });
    const visit = (path: string, body: FormData | URLSearchParams | null, cookie = ''): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        ...(body === null ? {} : { method: 'POST', body }),
        headers: { Cookie: cookie, Connection: 'close' },
        redirect: 'manual',
      });
    const file = new FormData();
    file.append('file', new Blob(['<b>']), 'C:\\<i>.txt');
    assert.equal((await visit('/upload', file)).status, 303);
    assert.ok(!existsSync(join(directory, 'i.txt')), 'nobody has logged in');
    const login = await visit('/login', new URLSearchParams({ name: '<Ann>' }));
    const cookie = login.headers.getSetCookie()[0]?.split(';')[0];
    assert.equal((await visit('/upload', file, cookie)).status, 303);
    assert.equal(readFileSync(join(directory, 'i.txt'), 'utf8'), '<b>');
    for (let count = 0; count < 6; count++)
      assert.match(await (await visit('/', null, cookie)).text(), /^<p>&#60;Ann&#62;: i\.txt<\/p>/);
  });

  it('json-protocol: a package with the time for a package that asks', async () => {
    const port = await freePort();
    await run('json-protocol', { PORT: String(port) });
    const one = await typist({ port, host: '127.0.0.1' });
    one.type('\0\0\0\x13{"type":"time"}');
    await one.hears('{"type":"time","now":"');
    one.type('\0\0\0\x10{"type":"x"}');
    await one.hears('\0\0\0\x20{"type":"error","asked":"x"}');
  });
});
