import { type ApacheView, type Context, isTunnel, type Passing } from './apache-view.ts';
import { brief, type Directive } from './directive.ts';
import type { Rule, Sighting } from './explanation.ts';
import { ERROR_INTERCEPTED } from './upstream-words.ts';
import { looksLikeWss } from './wss-path.ts';

type ApacheRule = Rule<ApacheView>;

const PASS = 'ProxyPass /wss http://127.0.0.1:8282/wss upgrade=websocket';

/** Longer paths and more parts than these are not compared. */
const LONGEST_PATH = 1_000;

const NEEDED_MODULES: readonly [module: string, schemes: RegExp][] = [
  ['proxy_wstunnel_module', /^wss?$/],
  ['proxy_http_module', /^https?$/],
  ['proxy_balancer_module', /^balancer$/],
];

/** Which requests reach the worker, and whether its 101 comes back. */
export const APACHE_PROXY_RULES: readonly ApacheRule[] = [
  {
    code: 'location-missing',
    severity: 'fault',
    looks: 'virtual hosts, and no `ProxyPass` for the path',
    cause:
      'Nothing here passes requests to a worker: the handshake gets 404, or a page, which browsers show as 1006.',
    remedy: PASS,
    find: missing,
  },
  {
    code: 'upgrade-not-passed',
    severity: 'fault',
    looks: '`ProxyPass … http://…` without `upgrade=websocket`',
    cause:
      'mod_proxy drops the Upgrade header: the worker sees an ordinary request and answers 400 or 426, never 101.',
    remedy: `${PASS} (Apache 2.4.47 or newer)`,
    find: (view) => withoutUpgrade(view).map(({ at }) => ({ at })),
  },
  {
    code: 'balancer-upgrade',
    severity: 'fault',
    looks: '`ProxyPass … balancer://… upgrade=websocket`',
    cause:
      'upgrade= is none of the parameters of a balancer: Apache does not start (unknown Balancer parameter).',
    remedy: 'BalancerMember http://127.0.0.1:8282 upgrade=websocket',
    find: ({ passings }) =>
      passings
        .filter(({ target, parameters }) => target?.scheme === 'balancer' && parameters.has('upgrade'))
        .map(({ at }) => ({ at })),
  },
  {
    code: 'wstunnel',
    severity: 'warning',
    looks: '`ProxyPass … ws://…` (mod_proxy_wstunnel) alone for a path',
    cause:
      'mod_proxy_wstunnel, deprecated since Apache 2.4.47, takes WebSocket handshakes only: an ordinary GET of the ' +
      'same path gets 404, whatever the worker would say.',
    remedy: PASS,
    find: ({ sites }) =>
      sites.filter((one) => isTunnel(one) && one.by !== 'rewrite').map(({ at }) => ({ at })),
  },
  {
    code: 'rewrite-without-condition',
    severity: 'warning',
    looks: '`RewriteRule … ws://… [P]` without a `RewriteCond %{HTTP:Upgrade}`',
    cause: 'Ordinary requests are sent to the tunnel too, which does not take them: they get 404 or 500.',
    remedy: `Before the rule: RewriteCond %{HTTP:Upgrade} websocket [NC]; or, instead: ${PASS}`,
    find: ({ sites }) =>
      sites
        .filter((one) => one.by === 'rewrite' && isTunnel(one))
        .filter(
          ({ conditions }) => !conditions.some(({ words }) => /upgrade/i.test(words[0]?.slice(0, 200) ?? '')),
        )
        .map(({ at }) => ({ at })),
  },
  {
    code: 'rewrite-engine-off',
    severity: 'fault',
    looks: '`RewriteRule … [P]` without `RewriteEngine On` in the same virtual host',
    cause:
      'Rules do nothing while the engine is off, and a virtual host does not inherit it: nothing is passed.',
    remedy: 'RewriteEngine On',
    find: ({ sites }) =>
      sites
        .filter(({ by, context }) => by === 'rewrite' && context.unfollowed.length === 0)
        .filter(({ context }) => context.own('rewriteengine').at(-1)?.words[0]?.toLowerCase() !== 'on')
        .map(({ at }) => ({ at })),
  },
  {
    code: 'redirect',
    severity: 'fault',
    looks:
      '`Redirect` for the path of wss, a rule to ws:// without `[P]`, or one that redirects every request first',
    cause:
      'The handshake is answered by a redirect, which WebSocket clients do not follow: they fail with 1006.',
    remedy: 'Pass the path on (ProxyPass, or [P]), and let clients use the final wss:// address.',
    find: redirects,
  },
  {
    code: 'proxypass-order',
    severity: 'fault',
    looks: '`ProxyPass /` before `ProxyPass /wss`',
    cause: 'The first ProxyPass that fits wins: an earlier, shorter path takes these requests.',
    remedy: 'Put the longer path first.',
    find: ({ contexts }) => contexts.flatMap(shadowed),
  },
  {
    code: 'proxypass-slash',
    severity: 'warning',
    looks: '`ProxyPass /wss/ http://…/wss`: a slash at the end of one side only',
    cause: 'Paths below are glued without a slash, or with two: the worker gets another path.',
    remedy: 'End both the path and the address with a slash, or neither.',
    find: ({ passings }) =>
      passings
        .filter(({ by, path, target }) => by === 'path' && isUneven(path, target?.uri))
        .map(({ at }) => ({ at })),
  },
  {
    code: 'proxypass-host-glued',
    severity: 'fault',
    looks: '`ProxyPass / http://127.0.0.1:8282`: the address lacks the slash of the path',
    cause: 'The rest of the path is glued to the port (http://127.0.0.1:8282wss): all but "/" itself fails.',
    remedy: 'ProxyPass / http://127.0.0.1:8282/',
    find: ({ passings }) =>
      passings
        .filter(({ by, path, target }) => by === 'path' && path.endsWith('/') && isBare(target))
        .map(({ at }) => ({ at })),
  },
  {
    code: 'location-prefix',
    severity: 'warning',
    looks: '`ProxyPassMatch` with a pattern that is not closed by `^` and `$`',
    cause: 'The pattern also takes paths that only contain what is meant: they reach the worker too.',
    remedy: 'A pattern from ^ to $, or ProxyPass, which takes whole parts of a path.',
    find: ({ sites }) =>
      sites
        .filter(
          ({ by, path }) => by === 'pattern' && looksLikeWss(path) && !/^\^.*\$$/s.test(path.slice(0, 500)),
        )
        .map(({ at }) => ({ at })),
  },
  {
    code: 'proxy-http-version',
    severity: 'fault',
    looks: '`SetEnv force-proxy-request-1.0 1`',
    cause: 'Apache speaks HTTP/1.0 with the worker, and HTTP/1.0 has no Upgrade: no 101.',
    remedy: 'Remove the line.',
    find: ({ all }) =>
      all
        .filter(
          ({ name, words }) => name === 'setenv' && words[0]?.toLowerCase() === 'force-proxy-request-1.0',
        )
        .map((at) => ({ at })),
  },
  {
    code: 'open-proxy',
    severity: 'fault',
    looks: '`ProxyRequests On`',
    cause:
      'This makes an open forward proxy: anybody reaches any server through it, those inside your network too.',
    remedy: 'ProxyRequests Off (ProxyPass does not need it)',
    find: ({ all }) =>
      all
        .filter(({ name, words }) => name === 'proxyrequests' && words[0]?.toLowerCase() === 'on')
        .map((at) => ({ at })),
  },
  {
    code: 'module-missing',
    severity: 'warning',
    looks: '`LoadModule` lines without the module that an address of `ProxyPass` needs',
    cause: 'The module for this address is not loaded in this file: "No protocol handler was valid", 500.',
    remedy: 'LoadModule proxy_http_module modules/mod_proxy_http.so (Debian: a2enmod proxy_http)',
    find: withoutModule,
  },
  {
    code: 'prefork',
    severity: 'warning',
    looks: '`LoadModule mpm_prefork_module`',
    cause: 'Each open WebSocket holds a whole process: 150 of them and the site answers nobody.',
    remedy: 'mpm_event (with PHP: php-fpm instead of mod_php).',
    find: ({ all, sites }) =>
      sites.length === 0 ? [] : loaded(all, (name) => name === 'mpm_prefork_module').map((at) => ({ at })),
  },
  {
    code: 'access-compat',
    severity: 'warning',
    looks: '`Order allow,deny`, `Allow from all`',
    cause: 'These are words of Apache 2.2: without mod_access_compat, Apache 2.4 does not start.',
    remedy: 'Require all granted',
    find: ({ all }) =>
      all
        .filter(({ name, words }) => isOldAccess(name, words[0]))
        .slice(0, 1)
        .map((at) => ({ at })),
  },
  {
    ...ERROR_INTERCEPTED,
    looks: '`ProxyErrorOverride On` with an `ErrorDocument`',
    remedy: 'ProxyErrorOverride Off',
    find: ({ contexts }) =>
      contexts
        .filter(({ passings }) => passings.length > 0)
        .filter((context) => context.effective('errordocument').length > 0)
        .flatMap((context) => context.effective('proxyerroroverride').slice(-1))
        .filter(({ words }) => words[0]?.toLowerCase() === 'on')
        .map((at) => ({ at })),
  },
];

function missing({ contexts, passings, sites, path }: ApacheView): Sighting[] {
  const hosts = contexts.filter(({ directive }) => directive);
  const found = path === undefined ? passings : sites;
  if (found.length > 0 || contexts.some(({ unfollowed }) => unfollowed.length > 0)) return [];
  const at = (hosts.find(({ speaksTls }) => speaksTls) ?? hosts[0])?.directive;
  return at ? [{ at }] : [];
}

/** Plain addresses, unless a rule of the same host takes the handshakes to a tunnel first. */
function withoutUpgrade({ sites, passings, balancers }: ApacheView): Passing[] {
  const tunnelled = new Set(
    passings.filter((one) => one.by === 'rewrite' && isTunnel(one)).map(({ context }) => context),
  );
  const upgrading = new Set(
    [...balancers].filter(([, members]) => members.some(upgrades)).map(([name]) => name),
  );
  return sites.filter((one) => {
    if (isTunnel(one) || one.parameters.has('upgrade') || tunnelled.has(one.context)) return false;
    return !upgrading.has(one.target?.host ?? '');
  });
}

function upgrades({ words }: Directive): boolean {
  return words.some((word) => /^(?:wss?:|upgrade=)/i.test(word));
}

function redirects({ contexts }: ApacheView): Sighting[] {
  return contexts.flatMap((context) => {
    let conditions = 0;
    const found: Sighting[] = [];
    for (const at of context.directives) {
      if (at.name === 'rewritecond') conditions += 1;
      if (isRedirect(at) || (conditions === 0 && isEarlyRedirect(context, at))) found.push({ at });
      if (at.name === 'rewriterule') conditions = 0;
    }
    return found;
  });
}

function isRedirect({ name, words }: Directive): boolean {
  if (name === 'rewriterule')
    return (
      /^wss?:/i.test(words[1] ?? '') && !/[[,]\s*(?:P|proxy)\s*[\],]/i.test(words[2]?.slice(0, 200) ?? '')
    );
  if (!/^redirect(?:match|permanent|temp)?$/.test(name)) return false;
  const [first = '', second = ''] = words;
  if (/^[\^/]/.test(first)) return looksLikeWss(first);
  return /^(?:30[12378]|permanent|temp|seeother)$/i.test(first) && looksLikeWss(second);
}

/** A rule that redirects every request runs before ProxyPass. */
function isEarlyRedirect(
  { passings }: Context,
  { name, words: [pattern = '', , flags = ''] }: Directive,
): boolean {
  if (name !== 'rewriterule' || passings.length === 0) return false;
  const every = /^(?:\^|\.\*|\^\/?\(\.\*\)\$?|\^\.\*\$?|\(\.\*\)\$?)$/.test(pattern.slice(0, 20));
  return every && /[[,]\s*R(?:edirect)?(?:=30\d)?\s*[\],]/i.test(flags.slice(0, 200));
}

/** Lines that an earlier one takes the requests of. */
function shadowed({ passings }: Context): Sighting[] {
  const earlier = new Map<string, Directive>();
  return passings
    .filter(({ by, path }) => by === 'path' && path.length <= LONGEST_PATH)
    .flatMap(({ at, path }) => {
      const rival = prefixesOf(path).flatMap((one) => earlier.get(one) ?? [])[0];
      if (!earlier.has(path)) earlier.set(path, at);
      if (!rival) return [];
      const cause =
        `ProxyPass ${brief(rival.words[0] ?? '')} of line ${rival.line} comes first and takes the requests of ` +
        `${brief(path)}: the first line that fits wins.`;
      return [{ at, cause, remedy: `Put this line before line ${rival.line}.` }];
    });
}

/** `/a/b` is taken by `/`, `/a`, `/a/` and itself. */
function prefixesOf(path: string): string[] {
  const prefixes: string[] = [];
  for (let at = path.indexOf('/'); at >= 0 && prefixes.length < 64; at = path.indexOf('/', at + 1)) {
    if (at > 0) prefixes.push(path.slice(0, at));
    prefixes.push(path.slice(0, at + 1));
  }
  return [...prefixes, path];
}

function isUneven(path: string, uri: string | undefined): boolean {
  if (uri === undefined || uri.includes('?')) return false;
  return path.endsWith('/') !== uri.endsWith('/');
}

function isBare(target: Passing['target']): boolean {
  return (
    target !== undefined && target.uri === undefined && target.host !== '' && target.scheme !== 'balancer'
  );
}

function withoutModule({ all, sites, contexts }: ApacheView): Sighting[] {
  const names = new Set(loaded(all, () => true).map(({ words }) => words[0]?.toLowerCase()));
  if (names.size === 0 || contexts.some(({ unfollowed }) => unfollowed.length > 0)) return [];
  return sites.flatMap(({ at, target }) => {
    const needed = NEEDED_MODULES.find(([, schemes]) => schemes.test(target?.scheme ?? ''))?.[0];
    if (!needed || names.has(needed)) return [];
    const file = `mod_${needed.replace('_module', '')}`;
    const cause = `${needed} is not loaded in this file: without it this address gives "No protocol handler was valid", 500.`;
    return [
      { at, cause, remedy: `LoadModule ${needed} modules/${file}.so (Debian: a2enmod ${file.slice(4)})` },
    ];
  });
}

function loaded(all: readonly Directive[], wanted: (module: string) => boolean): Directive[] {
  return all.filter(({ name, words }) => name === 'loadmodule' && wanted(words[0]?.toLowerCase() ?? ''));
}

function isOldAccess(name: string, word = ''): boolean {
  return name === 'order' || ((name === 'allow' || name === 'deny') && word.toLowerCase() === 'from');
}
