import { brief, type Directive } from './directive.ts';
import type { Rule, Sighting } from './explanation.ts';
import { inForceLast, type Level, type NginxView, type Site, type UpgradeMap } from './nginx-view.ts';

type NginxRule = Rule<NginxView>;

const MAP = "map $http_upgrade $connection_upgrade { default upgrade; '' ''; }";

/** What wss needs of a location, and an outer level may have set in vain. */
const NEEDED = ['upgrade', 'connection', 'host', 'x-real-ip', 'x-forwarded-for'];

/** Not allowed in an `if`, though `proxy_pass` is. */
const NOT_IN_IF = ['proxy_set_header', 'proxy_http_version', 'proxy_read_timeout', 'proxy_send_timeout'];

/** The handshake: what has to reach the worker so that it answers 101. */
export const NGINX_UPGRADE_RULES: readonly NginxRule[] = [
  {
    code: 'upgrade-not-passed',
    severity: 'fault',
    looks: '`proxy_pass` without `proxy_set_header Upgrade $http_upgrade;`',
    cause:
      'nginx drops the Upgrade header: the worker sees an ordinary request and answers 400 or 426, never 101.',
    remedy:
      'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; and in the http ' +
      `block: ${MAP}`,
    find: ({ sites }) =>
      sites.filter(lacksUpgrade).map((site) => ({ at: lastOf(site, 'upgrade') ?? site.pass })),
  },
  {
    code: 'connection-not-passed',
    severity: 'fault',
    looks: '`Upgrade` is set, `Connection` is not, or is empty, `close` or `keep-alive`',
    cause: 'Connection does not say "upgrade" to the worker, which therefore ignores Upgrade: no 101.',
    remedy: `proxy_set_header Connection $connection_upgrade; and in the http block: ${MAP}`,
    find: ({ sites }) =>
      sites.filter(lacksConnection).map((site) => ({ at: lastOf(site, 'connection') ?? site.pass })),
  },
  {
    code: 'connection-fixed',
    severity: 'warning',
    looks: '`proxy_set_header Connection "Upgrade";`, or a `map` without its line for the empty value',
    cause:
      'Connection says "upgrade" for every request: an ordinary GET of the same path is told to upgrade to nothing ' +
      '(a worker may answer 400), and connections to the worker are not kept alive.',
    remedy: `proxy_set_header Connection $connection_upgrade; and in the http block: ${MAP}`,
    find: (view) => view.sites.flatMap((site) => fixedConnection(view, site)),
  },
  {
    code: 'map-missing',
    severity: 'warning',
    looks: '`Connection $connection_upgrade` without a `map` that sets the variable',
    cause: 'The variable is not set in this file. When it is not set elsewhere either, nginx does not start.',
    remedy: `In the http block: ${MAP}`,
    find: missingMap,
  },
  {
    code: 'map-wrong',
    severity: 'fault',
    looks: 'a `map` of `$http_upgrade` that does not give "upgrade" for "websocket"',
    cause: 'For a WebSocket handshake the map does not give "upgrade": the worker never answers 101.',
    remedy: MAP,
    find: (view) => usedMaps(view).filter(({ upgrading }) => upgrading !== undefined && !says(upgrading)),
  },
  {
    code: 'proxy-http-version',
    severity: 'fault',
    looks: '`proxy_pass` without `proxy_http_version 1.1;`',
    cause:
      'nginx before 1.29.7 speaks HTTP/1.0 with the worker unless told otherwise, and HTTP/1.0 has no Upgrade: no 101.',
    remedy: 'proxy_http_version 1.1;',
    find: ({ sites }) =>
      sites.filter(isNotOneOne).map(({ level, pass }) => ({ at: versionOf(level) ?? pass })),
  },
  {
    code: 'headers-not-inherited',
    severity: 'fault',
    looks: 'a location with one `proxy_set_header` of its own under a level that sets the rest',
    cause:
      'A level that sets one header inherits none from outside: those of the outer level do not apply here.',
    remedy: 'Repeat all proxy_set_header lines in this location, or move its own ones out.',
    find: ({ sites }) => sites.flatMap(notInherited),
  },
  {
    code: 'host-twice',
    severity: 'fault',
    looks: '`proxy_set_header Host` twice on one level',
    cause: 'Both lines are sent: a request with two Host headers is answered 400 (RFC 9112 §3.2).',
    remedy: 'Keep one: proxy_set_header Host $host;',
    find: ({ sites }) => twice(sites, (name) => name === 'host'),
  },
  {
    code: 'header-twice',
    severity: 'warning',
    looks: 'another header set twice on one level',
    cause:
      'The later line does not replace the earlier one: both are sent, and the worker reads whichever it likes.',
    remedy: 'Keep one of the lines.',
    find: ({ sites }) => twice(sites, (name) => name !== 'host'),
  },
  {
    code: 'request-headers-off',
    severity: 'fault',
    looks: '`proxy_pass_request_headers off;`',
    cause: "The client's headers do not reach the worker, Sec-WebSocket-Key among them: no 101.",
    remedy: 'Remove the line.',
    find: ({ sites }) =>
      inForceLast(sites, 'proxy_pass_request_headers')
        .filter(({ words }) => words[0] === 'off')
        .map((at) => ({ at })),
  },
  {
    code: 'directive-in-if',
    severity: 'fault',
    looks: '`proxy_set_header`, `proxy_http_version` or a timeout in an `if`',
    cause: 'It is not allowed in an if: nginx does not start ("directive is not allowed here").',
    remedy: 'Move it to the location around the if.',
    find: ({ levels }) =>
      levels
        .filter(({ name }) => name === 'if')
        .flatMap((level) => NOT_IN_IF.flatMap((name) => level.own(name)))
        .map((at) => ({ at })),
  },
  {
    code: 'if-proxy-pass',
    severity: 'warning',
    looks: '`proxy_pass` in an `if`',
    cause:
      'An if in a location replaces it by a hidden one: other directives of the location may silently not apply.',
    remedy: 'One location without if: the map of $http_upgrade serves WebSockets and plain requests alike.',
    find: ({ sites }) => sites.filter(({ level }) => level.name === 'if').map(({ pass }) => ({ at: pass })),
  },
];

/** The last line that sets a header for this place. */
export function lastOf({ headers }: Site, name: string): Directive | undefined {
  return headers.get(name)?.at(-1);
}

/** @returns whether a header is not set here for sure, and not because outer lines were lost. */
export function lacks(site: Site, name: string): boolean {
  return (
    !site.headers.has(name) && !site.level.mayBeElsewhere('proxy_set_header') && !lost(site).includes(name)
  );
}

/** The map behind a place's Connection header. */
export function upgradeMap({ maps }: NginxView, site: Site): UpgradeMap | undefined {
  return maps.get(variableIn(lastOf(site, 'connection')) ?? '');
}

function lacksUpgrade(site: Site): boolean {
  const value = lastOf(site, 'upgrade')?.words[1];
  if (value === undefined) return lacks(site, 'upgrade');
  return !value.includes('$') && value.toLowerCase() !== 'websocket';
}

function lacksConnection(site: Site): boolean {
  if (lacksUpgrade(site)) return false;
  const value = lastOf(site, 'connection')?.words[1];
  if (value === undefined) return lacks(site, 'connection');
  return !value.includes('$') && !says(value);
}

function says(value: string): boolean {
  return /upgrade|\$/i.test(value);
}

function fixedConnection(view: NginxView, site: Site): Sighting[] {
  const line = lastOf(site, 'connection');
  const value = line?.words[1] ?? '';
  if (line && !value.includes('$') && says(value)) return [{ at: line }];
  const map = upgradeMap(view, site);
  if (!map || map.plain === undefined || !/upgrade/i.test(map.plain)) return [];
  const cause =
    'The map gives "upgrade" also to requests without an Upgrade header: an ordinary GET of the same path is told ' +
    'to upgrade to nothing, and connections to the worker are not kept alive.';
  return [{ at: map.at, cause, remedy: MAP }];
}

function missingMap(view: NginxView): Sighting[] {
  const outside = view.levels.filter(({ name, parent }) => name === 'http' || !parent);
  if (outside.some(({ unfollowed }) => unfollowed.length > 0)) return [];
  const set = new Set(view.levels.flatMap((level) => level.own('set')).map(({ words }) => words[0]));
  return view.sites.flatMap((site) => {
    const line = lastOf(site, 'connection');
    const name = variableIn(line);
    if (!line || !name || /^http_/.test(name) || view.maps.has(name) || set.has(`$${name}`)) return [];
    const cause = `$${brief(name)} is not set in this file. When no map sets it elsewhere, nginx does not start.`;
    return [{ at: line, cause }];
  });
}

function usedMaps(view: NginxView): UpgradeMap[] {
  return view.sites.flatMap((site) => upgradeMap(view, site) ?? []);
}

function variableIn(line: Directive | undefined): string | undefined {
  return /^\$\{?(\w{1,100})\}?$/.exec(line?.words[1] ?? '')?.[1];
}

function isNotOneOne({ level, target }: Site): boolean {
  const version = versionOf(level)?.words[0];
  if (version === undefined) return target !== undefined && !level.mayBeElsewhere('proxy_http_version');
  return version !== '1.1';
}

function versionOf(level: Level): Directive | undefined {
  return level.effective('proxy_http_version').at(-1);
}

/** What an outer level sets for wss, and this one's own lines have switched off. */
function lost({ level }: Site): string[] {
  const outer = level.own('proxy_set_header').length > 0 ? level.parent?.headers : undefined;
  return outer ? NEEDED.filter((name) => outer.has(name) && !level.headers.has(name)) : [];
}

function notInherited(site: Site): Sighting[] {
  const names = lost(site).map((name) => SPELLED[name] ?? name);
  const at = site.level.own('proxy_set_header')[0];
  if (!at || names.length === 0) return [];
  const cause =
    'This location sets a header of its own and so inherits none: what the outer level sets for ' +
    `${names.join(', ')} does not apply here.`;
  return [{ at, cause }];
}

const SPELLED: Readonly<Record<string, string>> = {
  upgrade: 'Upgrade',
  connection: 'Connection',
  host: 'Host',
  'x-real-ip': 'X-Real-IP',
  'x-forwarded-for': 'X-Forwarded-For',
};

function twice(sites: readonly Site[], wanted: (name: string) => boolean): Sighting[] {
  const found: Sighting[] = [];
  for (const headers of new Set(sites.map((site) => site.headers))) {
    for (const [name, lines] of headers) {
      const at = wanted(name) ? lines[1] : undefined;
      if (at) found.push({ at });
    }
  }
  return found;
}
