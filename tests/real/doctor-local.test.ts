/**
 * What the doctor says of a firewall, against what the kernel does with real packets: two network namespaces,
 * a client in one, a server and the rules in the other. Needs root.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Finding } from '../../src/doctor/finding.ts';
import { ensure } from './debian.ts';
import { freePort } from './services.ts';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('./examine-local.js', import.meta.url));
const PORTS = [22, 80, 443, 7000, 7001, 8050, 8282, 9000].map(String);

const IPTABLES = [
  '-P INPUT DROP',
  '-A INPUT -i lo -j ACCEPT',
  '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT',
  '-A INPUT -p tcp --dport 22 -j ACCEPT',
  '-A INPUT -p tcp --dport 7000 -j REJECT --reject-with tcp-reset',
  '-N more',
  '-A INPUT -p tcp -j more',
  '-A more -p tcp --dport 9000 -j RETURN',
  '-A more -p tcp --dport 8000:9999 -j ACCEPT',
];
const NFT = `table inet firewall {
  set open { type inet_service; flags interval; elements = { 80, 443, 8000-8100 } }
  chain banned { tcp dport 7000 reject with tcp reset; }
  chain inbound {
    type filter hook input priority 0; policy accept;
    ct state vmap { established : accept, related : accept, invalid : drop }
    tcp dport vmap { 22 : accept, 7000-7001 : jump banned }
    tcp dport @open accept
    tcp dport 1-8999 drop
  }
}`;

/** What the doctor must say where a client sees this. */
const CODES: Readonly<Record<string, string | undefined>> = {
  open: undefined,
  refused: 'firewall-rejects',
  silent: 'firewall-drops',
};

describe('the firewall, as the doctor reads it and as packets meet it', () => {
  const server = `usta-s${process.pid}`;
  const client = `usta-c${process.pid}`;
  let listening: ChildProcess | undefined;

  before(async () => {
    ensure('iproute2', 'iptables', 'nftables');
    for (const name of [server, client]) ip('netns', 'add', name);
    ip('link', 'add', 'veth0', 'netns', server, 'type', 'veth', 'peer', 'name', 'veth1', 'netns', client);
    prepare(server, 'veth0', '192.0.2.1/24');
    prepare(client, 'veth1', '192.0.2.2/24');
    listening = spawn('ip', ['netns', 'exec', server, process.execPath, SCRIPT, 'listen', ...PORTS], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await Promise.race([once(listening.stdout as NodeJS.EventEmitter, 'data'), once(listening, 'exit')]);
  });

  after(async () => {
    if (listening?.exitCode === null) {
      listening.kill('SIGKILL');
      await once(listening, 'exit');
    }
    for (const name of [server, client]) if (existsSync(`/run/netns/${name}`)) ip('netns', 'del', name);
  });

  it('without rules every port is open, and no firewall is found', async () => {
    const seen = await agree();
    assert.deepEqual(new Set(Object.values(seen)), new Set(['open']));
  });

  it('iptables: policy, multiport, chains, reject', async () => {
    for (const rule of IPTABLES) within(server, 'iptables', ...rule.split(' '));
    const seen = await agree();
    assert.deepEqual(seen, {
      22: 'open',
      80: 'open',
      443: 'open',
      7000: 'refused',
      7001: 'silent',
      8050: 'open',
      8282: 'open',
      9000: 'silent',
    });
    within(server, 'iptables', '-P', 'INPUT', 'ACCEPT');
    within(server, 'nft', 'flush', 'ruleset');
  });

  it('nft: verdict maps, sets, ranges, chains', async () => {
    within(server, 'nft', NFT.replaceAll(/\{ (tcp.*;) \}/g, '{\n$1\n}'));
    const seen = await agree();
    assert.deepEqual(seen, {
      22: 'open',
      80: 'open',
      443: 'open',
      7000: 'refused',
      7001: 'silent',
      8050: 'open',
      8282: 'silent',
      9000: 'open',
    });
    within(server, 'nft', 'flush', 'ruleset');
  });

  it('the remedy that is told opens the port', async () => {
    within(server, 'nft', NFT.replaceAll(/\{ (tcp.*;) \}/g, '{\n$1\n}'));
    const [finding] = (await ask<Finding[]>(server, 'examine', '8282'))['8282'] ?? [];
    const remedy = /^sudo (nft insert rule [^,]+),/.exec(finding?.remedy.en ?? '')?.[1] ?? '';
    within(server, ...remedy.split(' '));
    assert.deepEqual(await ask(client, 'connect', '192.0.2.1', '8282'), { 8282: 'open' });
    assert.equal(firewall((await ask<Finding[]>(server, 'examine', '8282'))['8282']), undefined);
    within(server, 'nft', 'flush', 'ruleset');
  });

  /** @returns what a client saw, port by port, after the doctor was found to say the same. */
  async function agree(): Promise<Record<string, string>> {
    const [seen, told] = await Promise.all([
      ask<string>(client, 'connect', '192.0.2.1', ...PORTS),
      ask<Finding[]>(server, 'examine', ...PORTS),
    ]);
    for (const port of PORTS)
      assert.equal(firewall(told[port]), CODES[seen[port] ?? ''], `${port} is ${seen[port]}`);
    return seen;
  }
});

describe('a proxy on this machine', () => {
  let folder = '';
  let nginx: ChildProcess | undefined;
  let port = 0;

  before(async () => {
    ensure('nginx-light');
    folder = mkdtempSync(join(tmpdir(), 'usta-nginx-'));
    port = await freePort();
    const dead = await freePort();
    writeFileSync(join(folder, 'nginx.conf'), configuration(port, dead));
    writeFileSync(
      join(folder, 'included.conf'),
      `# passes on\nlocation /wss { proxy_pass http://127.0.0.1:${dead}; }\n`,
    );
    nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    while (nginx.exitCode === null && !(await accepts(port)))
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(nginx.exitCode, null);
  });

  after(async () => {
    if (nginx?.exitCode === null) {
      nginx.kill('SIGTERM');
      await once(nginx, 'exit');
    }
    rmSync(folder, { recursive: true });
  });

  it('that passes to a port on which nothing listens is found, with file and line', async () => {
    const findings = await examineHere('examine', port);
    const { cause } = findings.find(({ code }) => code === 'backend-down') ?? {};
    assert.ok(
      cause?.en.startsWith(`${join(folder, 'included.conf')}:2: nginx passes to 127.0.0.1:`),
      cause?.en,
    );
    assert.ok(!findings.some(({ code }) => code === 'port-taken'), 'a proxy is who is expected on its port');
  });

  it('that runs makes 127.0.0.1 the right address for a server', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const findings = await examineHere('examine', (server.address() as AddressInfo).port);
    server.close();
    assert.ok(!findings.some(({ code }) => code === 'bound-to-loopback'));
  });

  it('has its configuration explained, whatever the explanation says', async () => {
    const findings = await examineHere('explain', port);
    const said = findings.filter(({ code }) => code === 'proxy-configuration');
    assert.deepEqual(
      said.map(({ cause, remedy }) => [cause.en, remedy.en]),
      [[`${join(folder, 'included.conf')}:7: [31m${join(folder, 'included.conf')}`, 'mend it']],
    );
  });

  async function examineHere(word: string, asked: number): Promise<Finding[]> {
    const { stdout } = await run(process.execPath, [SCRIPT, word, `${asked}`], { timeout: 10_000 });
    return (JSON.parse(stdout) as Record<string, Finding[]>)[asked] ?? [];
  }
});

describe('the doctor as an ordinary user', () => {
  it('examines what it may, without a program on its PATH, and says what it may not', async () => {
    const { stdout } = await run(process.execPath, [SCRIPT, 'examine', '443'], {
      uid: 65_534,
      gid: 65_534,
      cwd: '/',
      env: { PATH: '/nowhere' },
      timeout: 10_000,
    });
    const findings = (JSON.parse(stdout) as Record<string, Finding[]>)['443'] ?? [];
    assert.ok(
      findings.some(({ code }) => code === 'port-privileged'),
      stdout,
    );
    assert.equal(firewall(findings), undefined);
  });
});

function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}

function configuration(port: number, dead: number): string {
  return `daemon off; worker_processes 1; pid nginx.pid; error_log error.log;
events {}
http {
  access_log off;
  # upstream old { server 127.0.0.1:${dead}; }
  server { listen ${port}; include included.conf; }
}
`;
}

function firewall(findings: readonly Finding[] = []): string | undefined {
  return findings.find(({ code }) => code.startsWith('firewall-'))?.code;
}

async function ask<Answer>(namespace: string, ...words: string[]): Promise<Record<string, Answer>> {
  const { stdout } = await run('ip', ['netns', 'exec', namespace, process.execPath, SCRIPT, ...words], {
    timeout: 20_000,
  });
  return JSON.parse(stdout) as Record<string, Answer>;
}

function prepare(namespace: string, device: string, address: string): void {
  within(namespace, 'ip', 'link', 'set', 'lo', 'up');
  within(namespace, 'ip', 'address', 'add', address, 'dev', device);
  within(namespace, 'ip', 'link', 'set', device, 'up');
}

function within(namespace: string, ...words: string[]): void {
  ip('netns', 'exec', namespace, ...words);
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 10_000 });
}
