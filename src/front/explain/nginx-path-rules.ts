import { brief, type Directive } from './directive.ts';
import type { Rule, Sighting } from './explanation.ts';
import { speaksTls } from './nginx-tls-rules.ts';
import { inForceLast, type Level, locationOf, type NginxView, type Site } from './nginx-view.ts';
import { ERROR_INTERCEPTED } from './upstream-words.ts';
import { looksLikeWss, ownsMore } from './wss-path.ts';

type NginxRule = Rule<NginxView>;

const OTHER_PASSES = ['fastcgi_pass', 'uwsgi_pass', 'scgi_pass', 'grpc_pass', 'memcached_pass'];
const ANSWERS = [
  'return',
  'rewrite',
  'try_files',
  'proxy_pass',
  'content_by_lua_block',
  'content_by_lua_file',
];

/** Which requests reach the worker, and under which path. */
export const NGINX_PATH_RULES: readonly NginxRule[] = [
  {
    code: 'location-missing',
    severity: 'fault',
    looks: 'no location with `proxy_pass` for the path',
    cause:
      'Nothing here passes requests to a worker: the handshake gets 404, or a page, which browsers show as 1006.',
    remedy: 'location = /wss { proxy_pass http://127.0.0.1:8282; proxy_http_version 1.1; … }',
    find: missing,
  },
  {
    code: 'not-proxied',
    severity: 'fault',
    looks: '`fastcgi_pass`, `uwsgi_pass` or files where the path looks like wss',
    cause: 'A WebSocket cannot pass here: FastCGI, uwsgi, gRPC and files know no Upgrade.',
    remedy: 'proxy_pass http://127.0.0.1:8282; to a program that speaks WebSocket itself.',
    find: (view) => notProxied(view).map((at) => ({ at })),
  },
  {
    code: 'location-prefix',
    severity: 'warning',
    looks: '`location /wss` where `location = /wss` is meant',
    cause: 'The location takes more than its path: /wssANYTHING reaches the worker too.',
    remedy: 'location = /wss { … }',
    find: ({ sites, path }) => sites.flatMap((site) => takesMore(site, path)),
  },
  {
    code: 'path-rewritten',
    severity: 'warning',
    looks: '`location /wss { proxy_pass http://…:8282/; }`: a slash on one side only',
    cause:
      'nginx cuts the location off and puts the path of proxy_pass in its place: the worker gets another path.',
    remedy: 'proxy_pass without a path (http://127.0.0.1:8282), which passes the path as it came.',
    find: ({ sites }) => sites.flatMap(rewritten),
  },
  {
    code: 'path-in-pattern',
    severity: 'fault',
    looks: '`proxy_pass` with a path in `location ~ …`, in a named location or in an `if`',
    cause: 'proxy_pass may have no path here (not even "/"): nginx does not start.',
    remedy: 'proxy_pass without a path: http://127.0.0.1:8282',
    find: ({ proxied }) => proxied.filter(hasForbiddenPath).map(({ pass }) => ({ at: pass })),
  },
  {
    code: 'redirect',
    severity: 'fault',
    looks: '`return 301 …` for the path of wss',
    cause:
      'The handshake is answered by a redirect, which WebSocket clients do not follow: they fail with 1006.',
    remedy: 'Serve the path with proxy_pass, and let clients use the final wss:// address.',
    find: redirects,
  },
  {
    ...ERROR_INTERCEPTED,
    looks: '`proxy_intercept_errors on;` with an `error_page`',
    remedy: 'proxy_intercept_errors off; in this location.',
    find: ({ sites }) =>
      inForceLast(
        sites.filter(({ level }) => level.effective('error_page').length > 0),
        'proxy_intercept_errors',
      )
        .filter(({ words }) => words[0] === 'on')
        .map((at) => ({ at })),
  },
];

function missing(view: NginxView): Sighting[] {
  if (view.sites.length > 0 || view.levels.some(isOpaque) || notProxied(view).length > 0) return [];
  const at = (view.servers.find(speaksTls) ?? view.servers[0])?.directive;
  if (!at) return [];
  if (view.path === undefined) return [{ at }];
  const path = brief(view.path);
  const cause = `No location here passes ${path} to a worker: the handshake gets 404, or a page; browsers show 1006.`;
  return [
    {
      at,
      cause,
      remedy: `location = ${path} { proxy_pass http://127.0.0.1:8282; proxy_http_version 1.1; … }`,
    },
  ];
}

/** A level whose answer cannot be seen, or which passes streams on. */
function isOpaque(level: Level): boolean {
  return level.unfollowed.length > 0 || level.name === 'stream' || level.name.endsWith('_by_lua_block');
}

function notProxied({ locations, sites }: NginxView): Directive[] {
  const named = locations.filter((level) => looksLikeWss(locationOf(level).path));
  return named.flatMap((level) => {
    const other = OTHER_PASSES.flatMap((name) => level.own(name))[0];
    if (other) return [other];
    const idle = sites.length === 0 && level.children.length === 0 && level.unfollowed.length === 0;
    const answers = ANSWERS.some((name) => level.own(name).length > 0);
    return idle && !answers && level.directive ? [level.directive] : [];
  });
}

function takesMore({ level, match, path }: Site, wanted: string | undefined): Sighting[] {
  const at = level.around('location')?.directive;
  if (!at || !(looksLikeWss(path) || path === wanted) || ownsMore(path)) return [];
  const short = brief(path);
  if (match === 'prefix' && path !== '/' && !path.endsWith('/')) {
    const cause = `${short} is taken as a prefix: ${short}ANYTHING reaches the worker too.`;
    return [{ at, cause, remedy: `location = ${short} { … }` }];
  }
  if (match !== 'regex' || isClosed(path)) return [];
  const cause = `The pattern is not closed by ^ and $: it also takes paths that only contain ${short}.`;
  return [{ at, cause, remedy: 'A pattern from ^ to $, or location = /wss { … }' }];
}

function isClosed(pattern: string): boolean {
  return pattern.startsWith('^') && /[$/]$|\.\*\)?$/.test(pattern.slice(-10));
}

function rewritten({ match, path, pass, target }: Site): Sighting[] {
  const uri = target?.uri;
  if (match !== 'prefix' || uri === undefined || uri.includes('$') || uri === path) return [];
  if (uri.endsWith('/') === path.endsWith('/')) return [];
  const below = `${brief(path)}${path.endsWith('/') ? '' : '/'}a`;
  const becomes = brief(uri) + below.slice(brief(path).length);
  const cause = `The worker gets another path: ${brief(path)} becomes ${brief(uri)}, and ${below} becomes ${becomes}.`;
  return [{ at: pass, cause }];
}

function hasForbiddenPath({ level, match, target, pass }: Site): boolean {
  if (target?.uri === undefined || pass.words[0]?.includes('$')) return false;
  return match === 'regex' || match === 'named' || level.name === 'if';
}

function redirects({ locations, sites }: NginxView): Sighting[] {
  const paths = new Set(sites.map(({ path }) => path).filter((path) => path !== '/' && path !== ''));
  const places = locations.filter((level) => {
    const { path } = locationOf(level);
    return looksLikeWss(path) || paths.has(path);
  });
  const servers = new Set(sites.filter(({ level }) => level.name !== 'server').map(({ server }) => server));
  return [...places, ...servers]
    .flatMap((level) => [...level.own('return'), ...level.own('rewrite')])
    .filter(isRedirect)
    .map((at) => ({ at }));
}

function isRedirect({ name, words }: Directive): boolean {
  if (name === 'rewrite')
    return /^(?:redirect|permanent)$/.test(words[2] ?? '') && (words[0]?.length ?? 9) < 5;
  return /^30[12378]$/.test(words[0] ?? '') || /^https?:/.test(words[0] ?? '');
}
