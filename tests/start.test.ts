import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get as getHttp, type IncomingHttpHeaders } from 'node:http';
import { get as getHttps } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { createAuthority, issue } from '../src/certificates/authority.ts';
import { developmentCertificate } from '../src/certificates/development.ts';
import { selfTest } from '../start/self-test.ts';

const SCRIPT = fileURLToPath(new URL('../start/start.js', import.meta.url));
const home = await mkdtemp(join(tmpdir(), 'usta-start-'));
const env = { ...process.env, USTA_CA_DIRECTORY: join(home, 'ca') };
after(() => rm(home, { recursive: true }));

describe('npm start -- --once', () => {
  it('exits 0 with a ✓ line for ws and for wss', async () => {
    const [ws, wss] = await freePorts();
    const { status, output } = await start(['--once', '--ws', `${ws}`, '--wss', `${wss}`]);
    assert.equal(status, 0, output);
    assert.match(output, new RegExp(`^✓ ws://localhost:${ws}  tom → ok  \\d+ ms$`, 'm'));
    assert.match(output, new RegExp(`^✓ wss://localhost:${wss}  tom → ok  \\d+ ms$`, 'm'));
    assert.doesNotMatch(output, /taken|✗/);
  });

  it('serves 8282 and 8443, or the ports after them, when nothing is said', async () => {
    const { status, output } = await start(['--once']);
    assert.equal(status, 0, output);
    for (const [scheme, first] of [
      ['ws', 8282],
      ['wss', 8443],
    ] as const) {
      const port = Number(
        new RegExp(`^✓ ${scheme}://localhost:(\\d+)  tom → ok  \\d+ ms$`, 'm').exec(output)?.[1],
      );
      assert.ok(port >= first && port < first + 100, output);
      assert.equal(output.includes(`port ${first} is taken`), port !== first);
    }
  });

  it('takes the next free port, with a line, when one is taken', async () => {
    const taken = await Promise.all([listening(), listening()]);
    const [ws, wss] = taken.map(portOf) as [number, number];
    const { status, output } = await start(['--once', '--ws', `${ws}`, '--wss', `${wss}`]);
    for (const server of taken) server.close();
    assert.equal(status, 0, output);
    for (const [scheme, port] of [
      ['ws', ws],
      ['wss', wss],
    ] as const) {
      const used = new RegExp(`^port ${port} is taken: using (\\d+)$`, 'm').exec(output)?.[1];
      assert.ok(Number(used) > port, output);
      assert.match(output, new RegExp(`^✓ ${scheme}://localhost:${used}  tom → ok`, 'm'));
    }
  });

  it('says on first start alone that a certificate was made, and where the CA lies', async () => {
    const fresh = join(home, 'fresh', 'ca');
    const first = await start(['--once', '--ws', '0', '--wss', '0'], fresh);
    const second = await start(['--once', '--ws', '0', '--wss', '0'], fresh);
    for (const { output } of [first, second]) assert.ok(output.includes(join(fresh, 'ca.pem')), output);
    assert.deepEqual(
      [first, second].map(({ output }) => /made now: first start/.test(output)),
      [true, false],
    );
  });

  const refusals: Record<string, { words: string[]; directory?: string; reason: RegExp }> = {
    'the directory of the CA cannot be used': {
      words: ['--once'],
      directory: SCRIPT,
      reason: /^✗ the directory of the development CA cannot be used: .*start\.js/,
    },
    'the port is none': { words: ['--ws', '99999'], reason: /^✗ .*99999/ },
    'the option is unknown': { words: ['--onec'], reason: /^✗ .*--onec/ },
  };
  for (const [what, { words, directory, reason }] of Object.entries(refusals)) {
    it(`exits 1 with the reason in one line when ${what}`, async () => {
      const { status, output } = await start(words, directory);
      assert.equal(status, 1);
      assert.match(output, reason);
      assert.equal(output.trim().split('\n').length, 1, output);
    });
  }
});

describe('npm start: the page', () => {
  let server: ChildProcess;
  let ca: string;
  let origins: { http: string; https: string };

  before(async () => {
    server = spawn(process.execPath, [SCRIPT, '--ws', '0', '--wss', '0'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = await outputUntil(server, /✓ wss:.*\n/);
    const port = (scheme: string): string =>
      new RegExp(`✓ ${scheme}://localhost:(\\d+)`).exec(output)?.[1] ?? '';
    origins = { http: `http://localhost:${port('ws')}`, https: `https://localhost:${port('wss')}` };
    ca = await readFile(join(env.USTA_CA_DIRECTORY, 'ca.pem'), 'utf8');
  });

  after(async () => {
    server.kill('SIGTERM');
    const [status] = await once(server, 'exit');
    assert.equal(status, 0, 'SIGTERM ends it with 0');
  });

  for (const scheme of ['http', 'https'] as const) {
    it(`is served over ${scheme}, with a policy that allows its own script alone`, async () => {
      const { status, headers, body } = await get(`${origins[scheme]}/`, ca);
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.match(
        String(headers['content-security-policy']),
        /^default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'sha256-/,
      );
      assert.doesNotMatch(body, /(src|href)="(https?:)?\/\//, 'nothing comes from elsewhere');
      const service = JSON.parse(/id="service">(.*?)<\/script>/.exec(body)?.[1] ?? '');
      assert.equal(`http://localhost:${service.ws}`, origins.http);
      assert.equal(`https://localhost:${service.wss}`, origins.https);
      assert.equal(service.caFile, join(env.USTA_CA_DIRECTORY, 'ca.pem'));
      assert.ok(service.names.includes('localhost'));
    });

    it(`gives the CA's certificate over ${scheme}, and 404 for the rest`, async () => {
      const given = await get(`${origins[scheme]}/ca.pem`, ca);
      assert.equal(given.body, ca);
      assert.equal(given.headers['content-type'], 'application/x-x509-ca-cert');
      assert.equal((await get(`${origins[scheme]}/leaf.pem`, ca)).status, 404);
    });
  }

  it('tells other machines no path of this one', async () => {
    const { names } = await developmentCertificate({ directory: env.USTA_CA_DIRECTORY });
    for (const address of names.filter((name) => /^(10|172|192)\./.test(name))) {
      const { status, body } = await get(`${origins.http.replace('localhost', address)}/`, ca);
      assert.equal(status, 200);
      assert.ok(!body.includes(env.USTA_CA_DIRECTORY));
    }
  });
});

describe('npm start: its self-test', () => {
  const upgraded = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
  const wrongs: Record<string, { answer: string; reason: RegExp }> = {
    'a server that is no WebSocket server': {
      answer: 'HTTP/1.1 404 Not Found\r\n\r\n',
      reason: /answered with "HTTP\/1\.1 404 Not Found"/,
    },
    'an accept key of something else': {
      answer: `${upgraded}Sec-WebSocket-Accept: AAAA\r\n\r\n`,
      reason: /wrong Sec-WebSocket-Accept: AAAA/,
    },
    'no accept key': { answer: `${upgraded}\r\n`, reason: /wrong Sec-WebSocket-Accept: undefined/ },
    'a server that hangs up': { answer: '', reason: /the server closed the connection/ },
  };
  for (const [what, { answer, reason }] of Object.entries(wrongs)) {
    it(`says ✗ and why to ${what}`, async (test) => {
      const server = await listening((socket) => void socket.once('data', () => socket.end(answer)));
      test.after(() => server.close());
      assert.match(await failure(`ws://localhost:${portOf(server)}`), reason);
    });
  }

  it('says ✗ and why when nothing listens', async () => {
    const [port] = await freePorts();
    assert.match(await failure(`ws://localhost:${port}`), /ECONNREFUSED/);
  });

  it('says ✗ to a certificate of another CA, to one of another name, and to no TLS at all', async (test) => {
    const ours = await developmentCertificate({ directory: join(home, 'ours') });
    const authority = createAuthority('test');
    const theirs = await developmentCertificate({ directory: join(home, 'theirs') });
    const secure = await listeningTls(ours);
    const other = await listeningTls(issue(authority, ['other.local']));
    const plain = await listening(
      (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    test.after(() => [secure, other, plain].map((server) => server.close()));
    assert.match(
      await failure(`wss://localhost:${portOf(secure)}`, theirs.ca),
      /self-signed certificate in certificate chain/,
    );
    assert.match(await failure(`wss://localhost:${portOf(other)}`, authority.cert), /altnames/);
    assert.match(
      await failure(`wss://localhost:${portOf(plain)}`, ours.ca),
      /wrong version number|packet length/,
    );
  });
});

async function failure(url: string, ca = ''): Promise<string> {
  const lines: string[] = [];
  assert.equal(await selfTest([url], ca, (line) => lines.push(line)), false);
  assert.equal(lines.length, 1);
  const [line = ''] = lines;
  assert.ok(line.startsWith(`✗ ${url}  `) && !line.includes('\n'), line);
  return line;
}

/** Runs it to its end. */
function start(
  words: readonly string[],
  directory = env.USTA_CA_DIRECTORY,
): Promise<{ status: number; output: string }> {
  const options = { env: { ...env, USTA_CA_DIRECTORY: directory }, timeout: 30_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...words], options, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

function outputUntil(child: ChildProcess, wanted: RegExp): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
      if (wanted.test(output)) resolve(output);
    });
    child.once('exit', (status) => reject(new Error(`ended with ${status}: ${output}`)));
  });
}

function get(
  url: string,
  ca: string,
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? getHttps : getHttp)(
      url,
      { ca, agent: false },
      async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode, headers: response.headers, body });
      },
    );
    request.on('error', reject);
  });
}

async function listening(serve: (socket: Socket) => void = () => undefined): Promise<Server> {
  const server = createServer(serve).listen(0, '0.0.0.0');
  await once(server, 'listening');
  return server;
}

async function listeningTls({ cert, key }: { cert: string; key: string }): Promise<Server> {
  const server = createTlsServer({ cert, key })
    .on('tlsClientError', () => undefined)
    .listen(0);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Below the ports that systems give to whoever asks for any, so that no other test gets one in between. */
async function freePorts(): Promise<[number, number]> {
  const found: number[] = [];
  while (found.length < 2) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer().listen(port, '0.0.0.0');
    const free = await new Promise((resolve) =>
      server.once('listening', () => resolve(true)).once('error', () => resolve(false)),
    );
    if (free) await new Promise((resolve) => server.close(resolve));
    if (free && !found.includes(port)) found.push(port);
  }
  return found as [number, number];
}
