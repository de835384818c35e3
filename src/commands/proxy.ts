import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from '../cli/command.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { Words } from '../cli/words.ts';
import { SystemError, UsageError } from '../errors.ts';
import { checkProxy, ROW_NAMES, type Row } from '../front/check.ts';
import { configurationFor } from '../front/configuration.ts';
import { explain } from '../front/explain.ts';
import { type PlanOptions, PROXIES, planProxy } from '../front/plan.ts';
import { installedVersion } from '../front/version.ts';

/** A configuration that is longer is none that people write. */
const MAX_FILE = 1_048_576;

export const proxyCommand: Command = {
  name: 'proxy',
  summary: 'prints a configuration of nginx, Apache, HAProxy or Caddy for wss, proves it, or explains yours',
  usage: '[nginx|apache|haproxy|caddy] --domain NAME [options]',
  operands: { least: 0, most: 1 },
  options: {
    domain: { value: 'NAME', summary: 'name that clients connect to' },
    path: { value: '/PATH', summary: 'the one path that is passed on; / unless given' },
    upstream: {
      value: 'HOST:PORT',
      multiple: true,
      summary: 'a worker, 127.0.0.1:8282 unless given; may be repeated',
    },
    cert: { value: 'FILE', summary: 'certificate with its chain, PEM (HAProxy: and the key)' },
    key: { value: 'FILE', summary: 'its key, PEM' },
    http2: { summary: 'HTTP/2 for pages; WebSockets keep to HTTP/1.1' },
    'proxy-protocol': {
      summary: "tells the client's address in a PROXY header (nginx, HAProxy, Caddy from 2.7)",
    },
    version: { value: 'VERSION', summary: 'of the proxy; asked from the installed one, else the newest' },
    port: { value: 'PORT', summary: 'for wss and https; 443 unless given' },
    'plain-port': {
      value: 'PORT',
      summary: 'where plain http is sent to https; 80 unless given, 0 for nowhere',
    },
    check: { summary: 'proves it: starts the installed proxy with it on loopback and tries everything' },
    full: { summary: 'with --check: an idle connection really waits 75 s' },
    explain: {
      value: 'FILE',
      summary: 'names what breaks wss or is unsafe in your nginx or Apache configuration',
    },
  },
  examples: [
    'usta proxy nginx --domain domain.com --path /wss > /etc/nginx/conf.d/wss.conf',
    'usta proxy caddy --domain domain.com --check',
    'usta proxy --explain /etc/nginx/sites-enabled/default',
  ],
  run,
};

async function run(words: Words, terminal: Terminal): Promise<number> {
  const file = words.text('explain');
  if (file !== undefined)
    return explainFile({ file, dialect: words.operands[0], path: words.text('path') }, terminal);
  const [proxy] = words.operands;
  if (proxy === undefined) {
    throw new UsageError(
      'E_USAGE',
      `which proxy? usta proxy ${PROXIES.join('|')} --domain NAME, or usta proxy --explain FILE`,
    );
  }
  if (words.flag('full') && !words.flag('check'))
    throw new UsageError('E_OPTION', '--full goes with --check');
  const options = await planOptions(proxy, words);
  if (words.flag('check')) return check(proxy, { options, full: words.flag('full') }, terminal);
  terminal.print(configurationFor(planProxy(proxy, options)).trimEnd());
  return 0;
}

/** @throws {UsageError} before anything is asked of the installed proxy. */
async function planOptions(proxy: string, words: Words): Promise<PlanOptions> {
  const domain = words.text('domain');
  if (domain === undefined) throw new UsageError('E_DOMAIN', 'for which name? --domain domain.com');
  const options: PlanOptions = {
    domain,
    upstreams: words.list('upstream'),
    http2: words.flag('http2'),
    proxyProtocol: words.flag('proxy-protocol'),
    ...given('path', words.text('path')),
    ...given('certificate', words.text('cert')),
    ...given('key', words.text('key')),
    ...given('version', words.text('version')),
    ...given('port', words.number('port')),
    ...given('plainPort', words.number('plain-port')),
  };
  const plan = planProxy(proxy, options);
  return { ...options, ...given('version', options.version ?? (await installedVersion(plan.proxy))) };
}

function given<Name extends keyof PlanOptions>(
  name: Name,
  value: PlanOptions[Name] | undefined,
): { [key in Name]?: NonNullable<PlanOptions[Name]> } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]?: NonNullable<PlanOptions[Name]> });
}

/** @returns 0 when every row holds; 130 when the person has seen enough. */
async function check(
  proxy: string,
  { options, full }: { options: PlanOptions; full: boolean },
  terminal: Terminal,
): Promise<number> {
  const controller = new AbortController();
  const interrupted = new SystemError(
    'E_INTERRUPTED',
    'interrupted; the proxy is stopped, its files are gone',
  );
  const interrupt = (): void => controller.abort(interrupted);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    let holds = true;
    terminal.progress(`starting ${proxy} …`);
    for await (const row of checkProxy(proxy, options, { full, signal: controller.signal })) {
      holds &&= row.holds;
      terminal.print(shown(row, terminal));
      terminal.progress('…');
    }
    terminal.progress('');
    return holds ? 0 : 1;
  } catch (error) {
    if (error !== interrupted) throw error;
    terminal.complain(`usta: ${interrupted.message}`);
    return 130;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

function shown({ name, holds, detail }: Row, terminal: Terminal): string {
  const width = Math.max(...ROW_NAMES.map(({ length }) => length));
  const mark = holds ? terminal.paint('green', '✓') : terminal.paint('red', '✗');
  return `${mark} ${name.padEnd(width)}  ${detail}`;
}

/** @returns 1 when something in the file keeps wss from working or is unsafe. */
function explainFile(
  { file, dialect, path }: { file: string; dialect: string | undefined; path: string | undefined },
  terminal: Terminal,
): number {
  if (dialect !== undefined && dialect !== 'nginx' && dialect !== 'apache') {
    throw new UsageError('E_PROXY', `--explain reads configurations of nginx and apache, not of ${dialect}`);
  }
  const found = explain(readConfiguration(file), dialect, {
    read: (included) => readIncluded(resolve(dirname(file), included)),
    ...(path === undefined ? {} : { path }),
  });
  for (const { line, severity, cause, remedy } of found) {
    const colour = severity === 'fault' ? 'red' : 'yellow';
    terminal.print(`${terminal.paint(colour, `${file}:${line}`)}  ${cause} → ${remedy}`);
  }
  if (found.length === 0) terminal.print(`${file}: nothing in it breaks wss or is known to be unsafe`);
  return found.some(({ severity }) => severity === 'fault') ? 1 : 0;
}

function readConfiguration(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length <= MAX_FILE) return text;
  } catch (cause) {
    const { code = 'E_FILE', message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read: ${message}`;
    throw new UsageError('E_FILE', `${file} ${why}`, { cause });
  }
  throw new UsageError('E_FILE', `${file} is larger than 1 MiB, which no configuration is`);
}

/** One file, or all that `*` in the last part of the name stands for, one after the other. */
function readIncluded(name: string): string | undefined {
  try {
    if (!name.includes('*')) return readFileSync(name, 'utf8').slice(0, MAX_FILE);
    const folder = dirname(name);
    const [before = '', after = ''] = basename(name).split('*', 2);
    const names = readdirSync(folder).filter((one) => one.startsWith(before) && one.endsWith(after));
    return names
      .sort()
      .map((one) => readFileSync(join(folder, one), 'utf8').slice(0, MAX_FILE))
      .join('\n');
  } catch {
    return undefined;
  }
}
