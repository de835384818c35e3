import { join } from 'node:path';
import { runProgram } from '../../programs.ts';
import type { Finding, Sentence } from '../finding.ts';
import { namesIn, readStart } from './bounded-file.ts';
import type { Census } from './census.ts';
import { isLoopback } from './listeners.ts';
import { processIds, programOf } from './owners.ts';
import { findTargets, isHere, type Target } from './proxy-targets.ts';
import type { Step } from './step.ts';

export type ProxyName = 'nginx' | 'apache' | 'haproxy' | 'caddy';

/** A proxy that runs here. */
export interface RunningProxy {
  readonly name: ProxyName;
  readonly pid: number;
  /** Its configuration when its command line names one. */
  readonly configuration?: string;
}

export interface ConfigurationFile {
  readonly proxy: ProxyName;
  readonly path: string;
  readonly text: string;
}

/** What is wrong with a configuration, as `usta proxy --explain` tells it. */
export type Explain = (path: string) => readonly Explained[];

interface Explained {
  readonly line: number;
  readonly cause: string;
  readonly remedy: string;
  readonly severity: 'fault' | 'warning';
}

const PROGRAMS: Readonly<Record<string, ProxyName>> = {
  nginx: 'nginx',
  openresty: 'nginx',
  apache2: 'apache',
  httpd: 'apache',
  haproxy: 'haproxy',
  caddy: 'caddy',
};

/** Where packages put configurations: a file, or a folder with an ending. */
const USUAL: Readonly<Record<ProxyName, readonly (readonly [folder: string, ending: string])[]>> = {
  nginx: [
    ['/etc/nginx', 'nginx.conf'],
    ['/etc/nginx/conf.d', '.conf'],
    ['/etc/nginx/sites-enabled', ''],
    ['/usr/local/etc/nginx', 'nginx.conf'],
    ['/opt/homebrew/etc/nginx', 'nginx.conf'],
    ['/opt/homebrew/etc/nginx/servers', ''],
  ],
  apache: [
    ['/etc/apache2', 'apache2.conf'],
    ['/etc/apache2/sites-enabled', '.conf'],
    ['/etc/apache2/conf-enabled', '.conf'],
    ['/etc/httpd/conf', 'httpd.conf'],
    ['/etc/httpd/conf.d', '.conf'],
  ],
  haproxy: [
    ['/etc/haproxy', 'haproxy.cfg'],
    ['/etc/haproxy/conf.d', '.cfg'],
  ],
  caddy: [['/etc/caddy', 'Caddyfile']],
};

/** Files to read at most, and bytes of each. */
const MAX_FILES = 48;
const MAX_FILE = 262_144;
const MAX_FINDINGS = 20;

export function isProxy(program: string): boolean {
  return program in PROGRAMS;
}

export interface ProxyQuestion {
  readonly proxies: readonly RunningProxy[];
  /** On which the server listens. */
  readonly port: number;
  readonly explain?: Explain | undefined;
}

/** Which proxies run here, where do they pass requests to, and is the configuration sound that leads to the server? */
export function proxyStep(census: Census, { proxies, port, explain }: ProxyQuestion): Step {
  return {
    name: { en: 'proxies', tr: 'vekil sunucular' },
    async examine() {
      if (proxies.length === 0) return { findings: [], note: NONE };
      const files = (await Promise.all(proxies.map(configurationOf))).flat().slice(0, MAX_FILES);
      const listening = new Set(census.sockets.map((socket) => socket.port));
      const ours = files.filter((file) => leadsTo(file, port));
      const dead = files.flatMap((file) => judgeTargets(file, listening, ours.length > 0));
      const worth = ours.length > 0 ? ours : files.filter((file) => deadTargets(file, listening).length > 0);
      const findings = [...dead, ...worth.flatMap((file) => explained(file, explain))];
      return { findings: findings.slice(0, MAX_FINDINGS), note: shown(proxies, files) };
    },
  };
}

const NONE: Sentence = {
  en: 'no nginx, Apache, HAProxy or Caddy runs here',
  tr: 'burada nginx, Apache, HAProxy ya da Caddy çalışmıyor',
};

/** One process of each kind, whoever's it is: the oldest, which reads the configuration. */
export function runningProxies(census: Census): RunningProxy[] {
  const found = new Map<ProxyName, RunningProxy>();
  for (const { pid, program } of processes(census)) {
    const name = PROGRAMS[program];
    if (name === undefined || found.has(name)) continue;
    const words = (readStart(`/proc/${pid}/cmdline`, 4096) ?? '').split(/[\0 ]/);
    const path = named(words, name);
    found.set(name, { name, pid, ...(path === undefined ? {} : { configuration: path }) });
  }
  return [...found.values()];
}

/** All that /proc shows; where there is none, those that listen. */
function processes(census: Census): { readonly pid: number; readonly program: string }[] {
  const ids = processIds();
  if (ids.length > 0) return ids.map((pid) => ({ pid, program: programOf(pid) }));
  return census.sockets.flatMap((socket) => census.ownersOf(socket));
}

/** Ports on which a proxy, or whoever listens on the web's own ports, lets the world in. */
export function publicPorts(census: Census): number[] {
  const open = census.sockets.filter((socket) => !isLoopback(socket));
  const taken = open.filter(
    (socket) =>
      [80, 443].includes(socket.port) || census.ownersOf(socket).some(({ program }) => isProxy(program)),
  );
  return [...new Set(taken.map(({ port }) => port))].sort((one, other) => one - other).slice(0, 8);
}

/**
 * What is passed on to a port of this machine on which nothing listens: 502 for every client.
 *
 * @param served the server is passed to elsewhere, so this is somebody else's.
 */
export function judgeTargets(
  file: ConfigurationFile,
  listening: ReadonlySet<number>,
  served: boolean = false,
): Finding[] {
  return deadTargets(file, listening).map((target) => backendDown(file, target, served));
}

function deadTargets({ proxy, text }: ConfigurationFile, listening: ReadonlySet<number>): Target[] {
  return findTargets(proxy, text).filter((target) => isHere(target) && !listening.has(target.port));
}

function leadsTo({ proxy, text }: ConfigurationFile, port: number): boolean {
  return findTargets(proxy, text).some((target) => target.port === port);
}

/** @param output of `nginx -T`: all files, each after a line that names it. */
export function readDump(output: string): ConfigurationFile[] {
  const parts = output.split(/^# configuration file (.+):$/m).slice(1);
  return parts.flatMap((path, index) =>
    index % 2 === 0
      ? [{ proxy: 'nginx' as const, path, text: (parts[index + 1] ?? '').replace(/^\n/, '') }]
      : [],
  );
}

function backendDown(
  { proxy, path }: ConfigurationFile,
  { host, port, line }: Target,
  served: boolean,
): Finding {
  const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    code: 'backend-down',
    severity: served ? 'warning' : 'fault',
    cause: {
      en: `${path}:${line}: ${proxy} passes to ${place}, where nothing listens: clients get 502 or 503`,
      tr: `${path}:${line}: ${proxy} istekleri ${place} adresine aktarıyor, orada dinleyen yok: istemciler 502 ya da 503 alır`,
    },
    remedy: {
      en: `start the server on ${place}, or write the port on which it listens and reload ${proxy}`,
      tr: `sunucuyu ${place} üzerinde başlatın, ya da dinlediği portu yazıp ${proxy} servisini yeniden yükleyin`,
    },
  };
}

function explained({ proxy, path }: ConfigurationFile, explain: Explain | undefined): Finding[] {
  if (explain === undefined || (proxy !== 'nginx' && proxy !== 'apache')) return [];
  try {
    return explain(path).map(({ line, cause, remedy, severity }) => ({
      code: 'proxy-configuration',
      severity,
      cause: { en: `${path}:${line}: ${cause}`, tr: `${path}:${line}: ${cause}` },
      remedy: { en: remedy, tr: remedy },
    }));
  } catch {
    // A configuration that cannot be read as one is not judged; what it passes on is told above.
    return [];
  }
}

async function configurationOf(proxy: RunningProxy): Promise<ConfigurationFile[]> {
  const dump = proxy.name === 'nginx' ? await nginxDump(proxy) : [];
  if (dump.length > 0) return dump;
  const paths = [
    ...(proxy.configuration === undefined ? [] : [proxy.configuration]),
    ...usualPaths(proxy.name),
  ];
  const files = [...new Set(paths)].slice(0, MAX_FILES).flatMap((path) => {
    const text = readStart(path, MAX_FILE);
    return text === undefined ? [] : [{ proxy: proxy.name, path, text }];
  });
  return files;
}

/** nginx tells with all that it includes; it has to read its certificates for that, so mostly to root only. */
async function nginxDump({ configuration }: RunningProxy): Promise<ConfigurationFile[]> {
  const words = configuration === undefined ? ['-T'] : ['-T', '-c', configuration];
  try {
    const { output, exitCode } = await runProgram('nginx', words, { timeout: 2, maxOutput: 4_194_304 });
    return exitCode === 0 ? readDump(output) : [];
  } catch {
    return [];
  }
}

function usualPaths(name: ProxyName): string[] {
  return USUAL[name].flatMap(([folder, ending]) =>
    namesIn(folder)
      .filter((file) => (ending.startsWith('.') || ending === '' ? file.endsWith(ending) : file === ending))
      .sort()
      .map((file) => join(folder, file)),
  );
}

function named(words: readonly string[], name: ProxyName): string | undefined {
  const option = { nginx: '-c', apache: '-f', haproxy: '-f', caddy: '--config' }[name];
  const path = words[words.indexOf(option) + 1];
  return words.includes(option) && path?.startsWith('/') ? path : undefined;
}

function shown(proxies: readonly RunningProxy[], files: readonly ConfigurationFile[]): Sentence {
  const names = proxies.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
  return {
    en: `${names}; ${files.length} files of configuration read`,
    tr: `${names}; ${files.length} yapılandırma dosyası okundu`,
  };
}
