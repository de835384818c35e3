import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { apacheModules } from './apache.ts';
import type { ProxyName, ProxyPlan } from './plan.ts';
import { isAtLeast, type Version } from './version.ts';

/** A folder with `usta.conf`, the configuration that is proven, and `main.conf`, which makes it a server of its own. */
export interface Place {
  readonly folder: string;
  readonly plan: ProxyPlan;
  /** Of the installed program. */
  readonly version: Version | undefined;
}

/** How one proxy is run in a place, in the foreground, without touching anything of the system's own one. */
export interface Recipe {
  /** Debian's name of it. */
  readonly package: string;
  main(place: Place): string;
  /** Words that check the syntax. */
  check(place: Place): string[];
  run(place: Place): string[];
  /** A signal, or words for the program. */
  reload(place: Place): NodeJS.Signals | string[];
  /** What it says at its start and when a reload is done; nothing where the program of the reload waits for that itself. */
  readonly reloaded?: RegExp;
  /** The file in the folder that it writes to instead of standard error. */
  readonly log?: string;
}

/** Node gives a child a socket as its standard error, which Apache cannot open by name. */
const APACHE_LOG = 'error.log';

const APACHE_MODULES = [
  '/usr/lib/apache2/modules',
  '/usr/lib64/httpd/modules',
  '/usr/lib/httpd/modules',
  '/usr/local/apache2/modules',
  '/opt/homebrew/lib/httpd/modules',
];

export const RECIPES: Readonly<Record<ProxyName, Recipe>> = {
  nginx: {
    package: 'nginx',
    main: nginxMain,
    check: (place) => ['-t', ...nginxWords(place)],
    run: nginxWords,
    reload: () => 'SIGHUP',
    reloaded: /start worker process \d/g,
  },
  apache: {
    package: 'apache2',
    main: apacheMain,
    check: ({ folder }) => ['-t', '-f', join(folder, 'main.conf')],
    run: ({ folder }) => ['-D', 'FOREGROUND', '-f', join(folder, 'main.conf')],
    reload: () => 'SIGUSR1',
    reloaded: /resuming normal operations/g,
    log: APACHE_LOG,
  },
  haproxy: {
    package: 'haproxy',
    main: ({ folder }) =>
      `global\n  stats socket "${join(folder, 'admin')}" mode 600 expose-fd listeners level user\n`,
    check: (place) => ['-c', ...haproxyWords(place)],
    run: (place) => ['-W', '-db', ...haproxyWords(place)],
    reload: () => 'SIGUSR2',
    // The last of what it says.
    reloaded: /Loading success/g,
  },
  caddy: {
    package: 'caddy',
    main: caddyMain,
    check: (place) => ['validate', ...caddyWords(place)],
    run: (place) => ['run', ...caddyWords(place)],
    reload: (place) => ['reload', ...caddyWords(place), '--force', '--address', caddyAdmin(place)],
  },
};

function nginxMain({ folder, plan }: Place): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const include = `include "${join(folder, 'usta.conf')}";`;
  const http = [
    ...temporary.map((name) => `${name}_temp_path "${join(folder, name)}";`),
    'access_log off;',
    include,
  ];
  return [
    'daemon off;',
    'worker_processes 2;',
    `pid "${join(folder, 'pid')}";`,
    'error_log stderr notice;',
    'include /etc/nginx/modules-enabled/*.conf;',
    'events { worker_connections 256; }',
    plan.proxyProtocol ? include : `http {\n${http.join('\n')}\n}`,
    '',
  ].join('\n');
}

function nginxWords({ folder, version }: Place): string[] {
  const early = isAtLeast(version, [1, 19, 5]) ? ['-e', 'stderr'] : [];
  return ['-c', join(folder, 'main.conf'), ...early];
}

function apacheMain({ folder, plan }: Place): string {
  const modules = APACHE_MODULES.find((path) => existsSync(path)) ?? '/usr/lib/apache2/modules';
  const wanted = ['mpm_event', 'unixd', 'authz_core', 'log_config', ...apacheModules(plan)];
  const load = wanted
    .filter((name) => existsSync(join(modules, `mod_${name}.so`)))
    .map((name) => `LoadModule ${name}_module "${join(modules, `mod_${name}.so`)}"`);
  return [
    `ServerRoot "${folder}"`,
    'ServerName localhost',
    `DefaultRuntimeDir "${folder}"`,
    `PidFile "${join(folder, 'pid')}"`,
    `ErrorLog "${join(folder, APACHE_LOG)}"`,
    'LogLevel notice',
    ...load,
    // 65534 is nobody: who starts it as root does not serve as root.
    ...(process.getuid?.() === 0 ? ['User "#65534"', 'Group "#65534"'] : []),
    `Include "${join(folder, 'usta.conf')}"`,
    '',
  ].join('\n');
}

function haproxyWords({ folder }: Place): string[] {
  return ['-f', join(folder, 'main.conf'), '-f', join(folder, 'usta.conf')];
}

function caddyMain(place: Place): string {
  const { folder, plan } = place;
  return `{
	admin ${caddyAdmin(place)}
	http_port ${plan.plainPort || 80}
	https_port ${plan.port}
	storage file_system "${join(folder, 'storage')}"
	skip_install_trust
${plan.plainPort === 0 ? '	auto_https disable_redirects\n' : ''}}
import "${join(folder, 'usta.conf')}"
`;
}

function caddyWords({ folder }: Place): string[] {
  return ['--config', join(folder, 'main.conf'), '--adapter', 'caddyfile'];
}

function caddyAdmin({ folder }: Place): string {
  return `unix/${join(folder, 'admin')}`;
}
