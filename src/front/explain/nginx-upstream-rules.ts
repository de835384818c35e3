import { parseAuthority, parseTarget, reachOf } from './address.ts';
import { brief, type Directive } from './directive.ts';
import type { Rule, Sighting } from './explanation.ts';
import { lastOf, upgradeMap } from './nginx-upgrade-rules.ts';
import { inForce, inForceLast, type Level, type NginxView, type Site } from './nginx-view.ts';
import { nginxSeconds, PING_SECONDS } from './seconds.ts';
import * as words from './upstream-words.ts';
import { ownsMore } from './wss-path.ts';

type NginxRule = Rule<NginxView>;

/** Variables that hold what a client wrote, without a slash in front. */
const CLIENTS_OWN = /^\$\{?(?:host|http_\w+|arg_\w+|cookie_\w+|args|query_string|\d)\b/;

/** Open sockets per key that many people behind one address soon reach. */
const FEW = 20;

/** The worker's side: how long silence may last, where requests go. */
export const NGINX_UPSTREAM_RULES: readonly NginxRule[] = [
  {
    ...words.READ_TIMEOUT_DEFAULT,
    looks: '`proxy_pass` without `proxy_read_timeout`',
    remedy: 'proxy_read_timeout 75s; or more (proxy_send_timeout and keepalive_timeout do not help)',
    find: ({ sites }) =>
      sites
        .filter(({ level }) => !level.effective('proxy_read_timeout').length)
        .filter(({ level }) => !level.mayBeElsewhere('proxy_read_timeout'))
        .map(({ pass }) => ({ at: pass })),
  },
  {
    ...words.READ_TIMEOUT_SHORT,
    looks: `\`proxy_read_timeout\` (in stream \`proxy_timeout\`) of ${PING_SECONDS} s or less, or 0`,
    remedy: 'proxy_read_timeout 75s; or more',
    find: shortTimeouts,
  },
  {
    code: 'send-timeout-short',
    severity: 'warning',
    looks: '`proxy_send_timeout` of 5 s or less',
    cause: 'A worker that stops reading for so long, because it holds a fast sender back, is cut.',
    remedy: 'proxy_send_timeout 60s; (the default)',
    find: ({ sites }) =>
      inForceLast(sites, 'proxy_send_timeout')
        .filter((at) => (nginxSeconds(at.words[0] ?? '') ?? 60) <= 5)
        .map((at) => ({ at })),
  },
  {
    ...words.TLS_TWICE,
    looks: '`proxy_pass https://127.0.0.1:…`',
    remedy: 'proxy_pass http://…; and a worker without TLS on 127.0.0.1',
    find: ({ sites }) =>
      sites
        .filter(({ target }) => target?.scheme === 'https' && /unix|loopback/.test(reachOf(target.host)))
        .map(({ pass }) => ({ at: pass })),
  },
  {
    ...words.HTTP_TO_TLS_PORT,
    looks: '`proxy_pass http://…:443`',
    remedy: "proxy_pass https://…; or, better, the worker's plain port",
    find: (view) => endpoints(view).filter(({ secure, port }) => !secure && port === 443),
  },
  {
    ...words.UPSTREAM_UNVERIFIED,
    looks: '`proxy_pass https://` to another machine without `proxy_ssl_verify on;`',
    remedy: 'proxy_ssl_verify on; proxy_ssl_trusted_certificate CA.pem; proxy_ssl_server_name on;',
    find: ({ sites }) =>
      sites
        .filter((site) => isRemoteTls(site) && site.level.value('proxy_ssl_verify') !== 'on')
        .filter(({ level }) => !level.mayBeElsewhere('proxy_ssl_verify'))
        .map(({ level, pass }) => ({ at: level.effective('proxy_ssl_verify').at(-1) ?? pass })),
  },
  {
    code: 'upstream-name-unsent',
    severity: 'warning',
    looks: '`proxy_pass https://NAME` without `proxy_ssl_server_name on;`',
    cause:
      'nginx does not tell the worker which name it wants (no SNI): a host with several certificates refuses: 502.',
    remedy: 'proxy_ssl_server_name on;',
    find: ({ sites, upstreams }) =>
      sites
        .filter(isRemoteTls)
        .filter(({ target }) => reachOf(target?.host ?? '') === 'name' && !upstreams.has(target?.host ?? ''))
        .filter(({ level }) => level.value('proxy_ssl_server_name') !== 'on')
        .filter(({ level }) => !level.mayBeElsewhere('proxy_ssl_server_name'))
        .map(({ pass }) => ({ at: pass })),
  },
  {
    ...words.UPSTREAM_ANY,
    looks: '`proxy_pass http://0.0.0.0:…`',
    remedy: '127.0.0.1, and a worker that listens on 127.0.0.1',
    find: (view) => endpoints(view).filter(({ host }) => reachOf(host) === 'any'),
  },
  {
    ...words.UPSTREAM_LOCALHOST,
    looks: '`proxy_pass http://localhost:…`',
    remedy: '127.0.0.1 instead of localhost',
    find: (view) => endpoints(view).filter(({ host }) => host.toLowerCase() === 'localhost'),
  },
  {
    ...words.UPSTREAM_PUBLIC,
    looks: '`proxy_pass http://203.0.113.7:…`',
    remedy: 'A private address or a tunnel; or https:// with proxy_ssl_verify on;',
    find: (view) => endpoints(view).filter(({ host, secure }) => !secure && reachOf(host) === 'public'),
  },
  {
    code: 'upstream-keepalive',
    severity: 'warning',
    looks: '`upstream` without `keepalive`',
    cause:
      'nginx before 1.29.7 opens a connection to the worker for every plain request on the same path. WebSockets ' +
      'keep theirs in any case.',
    remedy:
      "keepalive 16; in the upstream, with '' '' in the map, so that plain requests send no Connection: close",
    find: (view) =>
      usedUpstreams(view).flatMap((level) =>
        level.directive && level.own('keepalive').length + level.unfollowed.length === 0
          ? [{ at: level.directive }]
          : [],
      ),
  },
  {
    code: 'keepalive-lost',
    severity: 'warning',
    looks: "`upstream` with `keepalive`, and a map with `'' close`",
    cause: 'Plain requests tell the worker Connection: close, so keepalive of the upstream never keeps one.',
    remedy: "In the map: '' ''; (an empty value sends no Connection header)",
    find: lostKeepalive,
  },
  {
    ...words.STICKY_MISSING,
    looks: 'a path of Socket.IO, SockJS or SignalR and an `upstream` of several servers without `ip_hash`',
    remedy: 'ip_hash; in the upstream, or clients with transports: ["websocket"]',
    find: withoutStickiness,
  },
  {
    code: 'proxy-pass-from-client',
    severity: 'fault',
    looks: '`proxy_pass http://$host…`, `$http_…`, `$arg_…` or `$1` in place of the host',
    cause: 'The client chooses where its request goes: it reaches every service that this machine can reach.',
    remedy: 'A fixed address, or a map from the names you serve to their workers.',
    find: ({ proxied }) =>
      proxied.filter(({ pass }) => CLIENTS_OWN.test(afterScheme(pass))).map(({ pass }) => ({ at: pass })),
  },
  {
    code: 'resolver-missing',
    severity: 'fault',
    looks: '`proxy_pass` with a variable and a name, without `resolver`',
    cause:
      'With a variable in it, proxy_pass looks the name up at each request and needs a resolver; there is none in ' +
      'this file: 502 (no resolver defined).',
    remedy: 'proxy_pass without variables, or an IP address, or: resolver 127.0.0.53;',
    find: withoutResolver,
  },
  {
    code: 'limit-conn-low',
    severity: 'warning',
    looks: `\`limit_conn\` of ${FEW} or less`,
    cause:
      'A WebSocket counts as long as it is open: people behind one address soon share the limit and get 503.',
    remedy: 'A higher limit for this location, or the limit in the worker (maxConnectionsPerIp).',
    find: ({ sites }) =>
      inForce(sites, 'limit_conn')
        .filter(({ words: [, most = ''] }) => /^\d{1,5}$/.test(most) && Number(most) <= FEW)
        .map((at) => ({ at })),
  },
  {
    code: 'stream-address',
    severity: 'warning',
    looks: '`proxy_pass` in `stream` without `proxy_protocol on;`',
    cause: "The worker sees nginx's address for every client: a stream has no headers that could tell.",
    remedy: 'proxy_protocol on; and in the worker: proxyProtocol with the address of this nginx',
    find: ({ levels }) =>
      levels
        .filter((level) => level.around('stream') && level.value('proxy_protocol') !== 'on')
        .flatMap((level) => level.own('proxy_pass'))
        .map((at) => ({ at })),
  },
];

interface Endpoint extends Sighting {
  readonly host: string;
  readonly port: number | undefined;
  readonly secure: boolean;
}

/** Addresses that wss is passed to: those of `proxy_pass`, and the servers of the groups it names. */
function endpoints(view: NginxView): Endpoint[] {
  const direct = view.sites.flatMap(({ target, pass }) =>
    target && !view.upstreams.has(target.host)
      ? [{ at: pass, host: target.host, port: target.port, secure: target.scheme === 'https' }]
      : [],
  );
  const secured = new Set(
    view.sites.filter(({ target }) => target?.scheme === 'https').map(({ target }) => target?.host),
  );
  const grouped = usedUpstreams(view).flatMap((level) =>
    level.own('server').map((at) => {
      const secure = secured.has(level.directive?.words[0]);
      return { at, ...parseAuthority(at.words[0] ?? ''), secure };
    }),
  );
  return [...direct, ...grouped];
}

function usedUpstreams({ sites, upstreams }: NginxView): Level[] {
  return [...new Set(sites.flatMap(({ target }) => upstreams.get(target?.host ?? '') ?? []))];
}

function shortTimeouts({ sites, levels }: NginxView): Sighting[] {
  const streams = levels.filter((level) => level.around('stream') && level.own('proxy_pass').length > 0);
  const timeouts = [
    ...inForceLast(sites, 'proxy_read_timeout'),
    ...inForceLast(
      streams.map((level) => ({ level })),
      'proxy_timeout',
    ),
  ];
  return timeouts.flatMap((at) => {
    const seconds = nginxSeconds(at.words[0] ?? '');
    if (seconds === undefined || seconds > PING_SECONDS) return [];
    return [{ at, cause: words.tooShort(at.name, seconds), remedy: `${at.name} 75s; or more` }];
  });
}

function isRemoteTls({ target }: Site): boolean {
  return target?.scheme === 'https' && !/unix|loopback|any/.test(reachOf(target.host));
}

function lostKeepalive(view: NginxView): Sighting[] {
  return view.sites.flatMap((site) => {
    const upstream = view.upstreams.get(site.target?.host ?? '');
    const map = upgradeMap(view, site);
    const keeps = upstream?.own('keepalive').some(({ words: [count] }) => count !== '0');
    return keeps && map?.plain === 'close' && lastOf(site, 'connection') ? [{ at: map.at }] : [];
  });
}

function withoutStickiness({ sites, upstreams }: NginxView): Sighting[] {
  return sites.flatMap(({ path, target }) => {
    const upstream = upstreams.get(target?.host ?? '');
    if (!upstream?.directive || path === '/app' || !ownsMore(path)) return [];
    const sticky = ['ip_hash', 'hash', 'sticky', 'sticky_cookie_insert'].some(
      (name) => upstream.own(name).length,
    );
    return upstream.own('server').length > 1 && !sticky ? [{ at: upstream.directive }] : [];
  });
}

function afterScheme({ words: [address = ''] }: Directive): string {
  return address.slice(0, 200).replace(/^https?:\/\//i, '');
}

function withoutResolver({ sites, upstreams }: NginxView): Sighting[] {
  return sites.flatMap(({ level, pass }) => {
    const address = pass.words[0] ?? '';
    if (!address.includes('$') || level.effective('resolver').length || level.mayBeElsewhere('resolver'))
      return [];
    const host = hostAtRunTime(level, address);
    if (host === undefined || upstreams.has(host) || !/^(?:name|loopback)$/.test(reachOf(host))) return [];
    if (reachOf(host) === 'loopback' && host !== 'localhost') return [];
    const cause =
      `With a variable in it, proxy_pass looks ${brief(host)} up at each request and needs a resolver; there is ` +
      'none in this file: 502 (no resolver defined).';
    return [{ at: pass, cause }];
  });
}

/** The host after one `set` is put in; `undefined` when it is not known here. */
function hostAtRunTime(level: Level, address: string): string | undefined {
  const replaced = address.slice(0, 300).replace(/\$\{?(\w{1,60})\}?/g, (whole, name: string) => {
    return level.variable(`$${name}`) ?? (/^(?:request_uri|uri|is_args|args)$/.test(name) ? '' : whole);
  });
  const host = parseTarget(replaced)?.host;
  return host === undefined || host === '' || host.includes('$') ? undefined : host;
}
