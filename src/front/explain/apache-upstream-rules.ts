import { isEverybody, parseTarget, reachOf } from './address.ts';
import type { ApacheView, Context, Passing } from './apache-view.ts';
import { brief, type Directive } from './directive.ts';
import type { Rule, Sighting } from './explanation.ts';
import { apacheSeconds, PING_SECONDS } from './seconds.ts';
import * as words from './upstream-words.ts';
import { ownsMore } from './wss-path.ts';

type ApacheRule = Rule<ApacheView>;

const SET_REAL_IP = 'RequestHeader set X-Real-IP expr=%{REMOTE_ADDR}';
const ADDRESS_HEADERS = ['x-real-ip', 'x-forwarded-for', 'forwarded', 'x-client-ip'];
const TRUSTING = [
  'remoteiptrustedproxy',
  'remoteipinternalproxy',
  'remoteiptrustedproxylist',
  'remoteipinternalproxylist',
];

/** Who is asking, how long silence may last, where requests go. */
export const APACHE_UPSTREAM_RULES: readonly ApacheRule[] = [
  {
    code: 'host-not-passed',
    severity: 'warning',
    looks: '`ProxyPass` without `ProxyPreserveHost On`',
    cause:
      'The worker sees the address of ProxyPass as Host (127.0.0.1:8282), not the name people typed: it cannot ' +
      'compare Origin with Host, so origin checks refuse everybody or are switched off.',
    remedy: 'ProxyPreserveHost On',
    find: (view) =>
      firstOfEach(
        view,
        (context) => context.value('proxypreservehost') !== 'on' && !context.replaces('host'),
      ),
  },
  {
    code: 'real-ip-forgeable',
    severity: 'fault',
    looks: 'no `RequestHeader set X-Real-IP …`, or only `add`, `append`, `merge` or `setifempty`',
    cause:
      'Apache does not set X-Real-IP, and one that a client writes itself passes to the worker unchanged (Forwarded ' +
      'too): a program that reads it believes any address. Only X-Forwarded-For is added to, at its end.',
    remedy: `${SET_REAL_IP} (and: RequestHeader unset Forwarded)`,
    find: (view) => firstOfEach(view, passesRealIp),
  },
  {
    code: 'real-ip-null',
    severity: 'fault',
    looks: '`RequestHeader set X-Real-IP %{REMOTE_ADDR}e`',
    cause:
      'REMOTE_ADDR is no variable of the environment here: the worker gets the text "(null)" as the address.',
    remedy: SET_REAL_IP,
    find: ({ contexts }) => contexts.flatMap(nullAddress),
  },
  {
    code: 'address-from-client',
    severity: 'fault',
    looks: '`RequestHeader set X-Real-IP expr=%{HTTP:X-Forwarded-For}` and the like',
    cause: "The address is taken from a header of the client's own: it can claim any address.",
    remedy: `${SET_REAL_IP}; behind another proxy: RemoteIPHeader with RemoteIPTrustedProxy`,
    find: ({ contexts }) =>
      contexts
        .flatMap((context) => ADDRESS_HEADERS.flatMap((name) => context.requestHeader(name)))
        .filter(({ words: [, , value = ''] }) => isClientsHeader(value.slice(0, 500)))
        .map((at) => ({ at })),
  },
  {
    code: 'forwarded-for-forgeable',
    severity: 'fault',
    looks: '`ProxyAddHeaders Off`',
    cause:
      'mod_proxy no longer adds the real address to X-Forwarded-For: what a client writes there passes unchanged.',
    remedy: 'ProxyAddHeaders On (the default)',
    find: ({ all }) =>
      all
        .filter(({ name, words }) => name === 'proxyaddheaders' && words[0]?.toLowerCase() === 'off')
        .map((at) => ({ at })),
  },
  {
    code: 'remoteip-trusts-all',
    severity: 'fault',
    looks: '`RemoteIPHeader` without `RemoteIPTrustedProxy` or `RemoteIPInternalProxy`',
    cause: 'Without a list of proxies everybody is believed: REMOTE_ADDR itself can be forged by the header.',
    remedy: 'RemoteIPTrustedProxy with the address of the proxy in front.',
    find: ({ contexts }) =>
      contexts
        .filter((context) => TRUSTING.every((name) => context.effective(name).length === 0))
        .filter(({ unfollowed }) => unfollowed.length === 0)
        .flatMap((context) => context.own('remoteipheader'))
        .map((at) => ({ at })),
  },
  {
    code: 'real-ip-from-all',
    severity: 'fault',
    looks: '`RemoteIPTrustedProxy 0.0.0.0/0`',
    cause:
      'Everybody is trusted to say whose address a request comes from: REMOTE_ADDR itself can be forged.',
    remedy: 'RemoteIPTrustedProxy with the addresses of your own proxies only.',
    find: ({ all }) =>
      all
        .filter(({ name, words }) => TRUSTING.includes(name) && words.some(isEverybody))
        .map((at) => ({ at })),
  },
  {
    code: 'origin-overwritten',
    severity: 'fault',
    looks: '`RequestHeader unset Origin`, or `set Origin`',
    cause:
      'The worker no longer sees which page opens the socket: any foreign page may use a visitor’s cookies ' +
      '(cross-site WebSocket hijacking), for the origin check always passes.',
    remedy: 'Remove the line, pass Host, and list foreign pages in the worker’s own origins option.',
    find: ({ contexts }) =>
      contexts.flatMap((context) => context.requestHeader('origin')).map((at) => ({ at })),
  },
  {
    ...words.READ_TIMEOUT_DEFAULT,
    looks: '`ProxyPass` without `timeout=`, `ProxyTimeout` and `Timeout`',
    remedy: 'timeout=75 or more at the end of ProxyPass (the longer of it and Timeout counts)',
    find: withoutTimeout,
  },
  {
    ...words.READ_TIMEOUT_SHORT,
    looks: `\`Timeout\` and \`timeout=\` (or \`ProxyTimeout\`) both of ${PING_SECONDS} s or less`,
    remedy: 'timeout=75 or more at the end of ProxyPass (the longer of it and Timeout counts)',
    find: ({ sites }) => sites.flatMap(shortTimeout),
  },
  {
    code: 'ssl-proxy-engine-missing',
    severity: 'fault',
    looks: '`ProxyPass … https://…` or `wss://…` without `SSLProxyEngine on`',
    cause: 'Apache may not speak TLS with the worker: every request gets 500.',
    remedy: 'SSLProxyEngine on; or, for a worker on this machine, http:// and no second TLS',
    find: ({ sites }) =>
      sites
        .filter((site) => isSecure(site) && site.context.value('sslproxyengine') !== 'on')
        .filter(({ context }) => context.unfollowed.length === 0)
        .map(({ at }) => ({ at })),
  },
  {
    ...words.TLS_TWICE,
    looks: '`ProxyPass … https://127.0.0.1:…` or `wss://127.0.0.1:…`',
    remedy: 'http://, and a worker without TLS on 127.0.0.1',
    find: ({ sites }) =>
      sites
        .filter((site) => isSecure(site) && reachOf(site.target?.host ?? '') === 'loopback')
        .map(({ at }) => ({ at })),
  },
  {
    ...words.UPSTREAM_UNVERIFIED,
    looks: '`ProxyPass … https://` to another machine without `SSLProxyVerify require`',
    remedy: 'SSLProxyVerify require, SSLProxyCACertificateFile CA.pem, SSLProxyCheckPeerName on',
    find: ({ sites }) =>
      sites
        .filter((site) => isSecure(site) && !/unix|loopback|any/.test(reachOf(site.target?.host ?? '')))
        .filter(({ context }) => context.value('sslproxyverify') !== 'require')
        .filter(({ context }) => context.unfollowed.length === 0)
        .map(({ at }) => ({ at })),
  },
  {
    ...words.HTTP_TO_TLS_PORT,
    looks: '`ProxyPass … http://…:443` or `ws://…:443`',
    remedy: "https:// with SSLProxyEngine on; or, better, the worker's plain port",
    find: (view) => endpoints(view).filter(({ secure, port }) => !secure && port === 443),
  },
  {
    ...words.UPSTREAM_ANY,
    looks: '`ProxyPass … http://0.0.0.0:…`',
    remedy: '127.0.0.1, and a worker that listens on 127.0.0.1',
    find: (view) => endpoints(view).filter(({ host }) => reachOf(host) === 'any'),
  },
  {
    ...words.UPSTREAM_LOCALHOST,
    looks: '`ProxyPass … http://localhost:…`',
    remedy: '127.0.0.1 instead of localhost',
    find: (view) => endpoints(view).filter(({ host }) => host.toLowerCase() === 'localhost'),
  },
  {
    ...words.UPSTREAM_PUBLIC,
    looks: '`ProxyPass … http://203.0.113.7:…` or `ws://203.0.113.7:…`',
    remedy: 'A private address or a tunnel; or https:// with SSLProxyVerify require',
    find: (view) => endpoints(view).filter(({ host, secure }) => !secure && reachOf(host) === 'public'),
  },
  {
    ...words.STICKY_MISSING,
    looks:
      'a path of Socket.IO, SockJS or SignalR and a `balancer://` of several members without `stickysession`',
    remedy: 'ProxySet stickysession=… in the <Proxy balancer://…>, or clients with transports: ["websocket"]',
    find: withoutStickiness,
  },
];

interface Endpoint extends Sighting {
  readonly host: string;
  readonly port: number | undefined;
  readonly secure: boolean;
}

/** Addresses that wss is passed to: those of the lines, and the members of the balancers they name. */
function endpoints({ sites, balancers }: ApacheView): Endpoint[] {
  const used = new Set(sites.filter(isBalanced).map(({ target }) => target?.host ?? ''));
  const members = [...used].flatMap((name) => balancers.get(name) ?? []);
  const lines = [
    ...sites.filter((site) => !isBalanced(site)).map(({ at, target }) => ({ at, target })),
    ...members.map((at) => ({ at, target: parseTarget(at.words[0] ?? '') })),
  ];
  return lines.flatMap(({ at, target }) => {
    if (!target || !/^(?:https?|wss?)$/.test(target.scheme)) return [];
    return [{ at, host: target.host, port: target.port, secure: /s$/.test(target.scheme.slice(2)) }];
  });
}

function isBalanced({ target }: Passing): boolean {
  return target?.scheme === 'balancer';
}

function isSecure({ target }: Passing): boolean {
  return target?.scheme === 'https' || target?.scheme === 'wss';
}

/** The first place of each context that is wrong, and whose includes were all seen. */
function firstOfEach({ sites }: ApacheView, isWrong: (context: Context) => boolean): Sighting[] {
  const firsts = new Map<Context, Directive>();
  for (const { context, at } of sites) if (!firsts.has(context)) firsts.set(context, at);
  return [...firsts]
    .filter(([context]) => context.unfollowed.length === 0 && isWrong(context))
    .map(([, at]) => ({ at }));
}

function passesRealIp(context: Context): boolean {
  return !context.replaces('x-real-ip') && context.value('remoteipheader') !== 'x-real-ip';
}

function nullAddress(context: Context): Sighting[] {
  if (context.setsRemoteAddress) return [];
  return ADDRESS_HEADERS.flatMap((name) => context.requestHeader(name))
    .filter(({ words: [, , value = ''] }) => /^%\{REMOTE_ADDR\}e$/i.test(value))
    .map((at) => ({ at }));
}

function isClientsHeader(value: string): boolean {
  return /%\{(?:HTTP:|req:|http:)|\b(?:http|req)\(|%\{HTTP_X_/i.test(value);
}

function withoutTimeout({ sites, balancers }: ApacheView): Sighting[] {
  const timed = new Set(
    [...balancers].filter(([, members]) => members.some(hasTimeout)).map(([name]) => name),
  );
  return sites
    .filter(({ context, target }) => context.unfollowed.length === 0 && !timed.has(target?.host ?? ''))
    .filter((site) => timeoutsOf(site).length === 0)
    .map(({ at }) => ({ at }));
}

function hasTimeout({ words }: Directive): boolean {
  return words.some((word) => /^timeout=/i.test(word));
}

/** All that is set, in seconds: Apache takes the longest of these, and 60 in place of a missing `Timeout`. */
function timeoutsOf({
  context,
  parameters,
  at,
}: Passing): { at: Directive; name: string; seconds: number }[] {
  const own = parameters.get('timeout');
  const proxy = context.effective('proxytimeout').at(-1);
  const general = context.effective('timeout').at(-1);
  const found: [Directive, string, string][] = [];
  if (own !== undefined) found.push([at, 'timeout=', own]);
  else if (proxy) found.push([proxy, 'ProxyTimeout', proxy.words[0] ?? '']);
  if (general) found.push([general, 'Timeout', general.words[0] ?? '']);
  return found.map(([line, name, value]) => ({ at: line, name, seconds: apacheSeconds(value) ?? 60 }));
}

function shortTimeout(site: Passing): Sighting[] {
  const timeouts = timeoutsOf(site);
  const general = timeouts.find(({ name }) => name === 'Timeout');
  const longest = timeouts.reduce((most, { seconds }) => Math.max(most, seconds), 0);
  if (!general || longest > PING_SECONDS) return [];
  return [{ at: general.at, cause: words.tooShort(timeouts.length > 1 ? 'Timeout' : general.name, longest) }];
}

function withoutStickiness({ sites, balancers, all }: ApacheView): Sighting[] {
  const sticky = all.some(({ name, words }) => {
    return (
      /^(?:proxyset|proxypass|balancermember)$/.test(name) &&
      words.some((word) => /^stickysession=/i.test(word))
    );
  });
  if (sticky) return [];
  return sites
    .filter(
      ({ path, target }) => path !== '/app' && ownsMore(path) && isMany(balancers.get(target?.host ?? '')),
    )
    .map(({ at, path }) => ({ at, cause: `${brief(path)}: ${words.STICKY_MISSING.cause}` }));
}

function isMany(members: readonly Directive[] | undefined): boolean {
  return (members?.length ?? 0) > 1;
}
