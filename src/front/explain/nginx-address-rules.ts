import { isEverybody } from './address.ts';
import { brief, type Directive } from './directive.ts';
import type { Rule, Sighting } from './explanation.ts';
import { listens } from './nginx-tls-rules.ts';
import { lacks, lastOf } from './nginx-upgrade-rules.ts';
import type { NginxView, Site } from './nginx-view.ts';

type NginxRule = Rule<NginxView>;

const ADDRESS_HEADERS = ['x-real-ip', 'x-forwarded-for', 'forwarded', 'x-client-ip', 'true-client-ip'];

/** Who is asking: the host name, the client's address, and what a client may forge of them. */
export const NGINX_ADDRESS_RULES: readonly NginxRule[] = [
  {
    code: 'host-not-passed',
    severity: 'warning',
    looks: '`proxy_pass` without `proxy_set_header Host $host;`',
    cause:
      'The worker sees the address of proxy_pass as Host (127.0.0.1:8282), not the name people typed: it cannot ' +
      'compare Origin with Host, so origin checks refuse everybody or are switched off.',
    remedy: 'proxy_set_header Host $host;',
    find: ({ sites }) => sites.flatMap(withoutHost),
  },
  {
    code: 'client-address-missing',
    severity: 'fault',
    looks: 'neither `X-Real-IP` nor `X-Forwarded-For` is set',
    cause:
      "The worker sees nginx's address for every client, and an X-Real-IP or X-Forwarded-For that a client writes " +
      'itself passes unchanged: it can claim any address.',
    remedy:
      'proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $remote_addr; ' +
      'proxy_set_header Forwarded "";',
    find: ({ sites }) =>
      sites
        .filter((site) => lacks(site, 'x-real-ip') && lacks(site, 'x-forwarded-for'))
        .map(({ pass }) => ({ at: pass })),
  },
  {
    code: 'forwarded-for-forgeable',
    severity: 'fault',
    looks: '`X-Real-IP` is set, `X-Forwarded-For` is not',
    cause:
      'An X-Forwarded-For or Forwarded header that a client writes itself passes to the worker unchanged: a program ' +
      'that reads it believes any address.',
    remedy: 'proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header Forwarded "";',
    find: ({ sites }) =>
      sites
        .filter((site) => site.headers.has('x-real-ip') && lacks(site, 'x-forwarded-for'))
        .map((site) => ({ at: lastOf(site, 'x-real-ip') ?? site.pass })),
  },
  {
    code: 'real-ip-forgeable',
    severity: 'fault',
    looks: '`X-Forwarded-For` is set, `X-Real-IP` is not',
    cause:
      'An X-Real-IP header that a client writes itself passes to the worker unchanged: a program that reads it ' +
      'believes any address.',
    remedy: 'proxy_set_header X-Real-IP $remote_addr;',
    find: ({ sites }) =>
      sites
        .filter((site) => site.headers.has('x-forwarded-for') && lacks(site, 'x-real-ip'))
        .map((site) => ({ at: lastOf(site, 'x-forwarded-for') ?? site.pass })),
  },
  {
    code: 'address-from-client',
    severity: 'fault',
    looks: '`X-Real-IP $http_x_forwarded_for`, `X-Forwarded-For $http_x_forwarded_for` and the like',
    cause: "The address is taken from a header of the client's own: it can claim any address.",
    remedy:
      'Use $remote_addr. Behind another proxy, name it: set_real_ip_from ITS-ADDRESS; real_ip_header ' +
      'X-Forwarded-For; then $remote_addr is the client.',
    find: ({ sites }) => sites.flatMap(fromClient),
  },
  {
    code: 'real-ip-from-all',
    severity: 'fault',
    looks: '`set_real_ip_from 0.0.0.0/0;`',
    cause:
      'Everybody is trusted to say whose address a request comes from: $remote_addr itself can be forged.',
    remedy: 'set_real_ip_from with the addresses of your own proxies only, as 10.0.0.0/8.',
    find: ({ levels }) =>
      levels
        .flatMap((level) => level.own('set_real_ip_from'))
        .filter(({ words }) => isEverybody(words[0] ?? ''))
        .map((at) => ({ at })),
  },
  {
    code: 'real-ip-nobody',
    severity: 'warning',
    looks: '`real_ip_header` without `set_real_ip_from`',
    cause:
      'No address is trusted, so the line has no effect: the worker is told the address of the proxy in front.',
    remedy: 'set_real_ip_from with the address of the proxy in front of this nginx.',
    find: untrusted,
  },
  {
    code: 'proxy-protocol-half',
    severity: 'warning',
    looks: '`listen … proxy_protocol` without `real_ip_header proxy_protocol`, or the reverse',
    cause:
      'The PROXY protocol is read on one side only: the worker is told the address of the balancer in front.',
    remedy:
      'Both: listen 443 ssl proxy_protocol; and set_real_ip_from BALANCER; real_ip_header proxy_protocol;',
    find: halfProxyProtocol,
  },
  {
    code: 'origin-overwritten',
    severity: 'fault',
    looks: '`proxy_set_header Origin "";` or a fixed one',
    cause:
      'The worker no longer sees which page opens the socket: any foreign page may use a visitor’s cookies ' +
      '(cross-site WebSocket hijacking), for the origin check always passes.',
    remedy: 'Remove the line, pass Host, and list foreign pages in the worker’s own origins option.',
    find: ({ sites }) =>
      sites
        .flatMap((site) => lastOf(site, 'origin') ?? [])
        .filter(({ words }) => words[1] !== '$http_origin')
        .map((at) => ({ at })),
  },
];

function withoutHost(site: Site): Sighting[] {
  const line = lastOf(site, 'host');
  if (line) return /^\$proxy_host|^$/.test(line.words[1] ?? '') ? [{ at: line }] : [];
  return lacks(site, 'host') ? [{ at: site.pass }] : [];
}

function fromClient(site: Site): Sighting[] {
  return ADDRESS_HEADERS.flatMap((name) => {
    const at = lastOf(site, name);
    const value = at?.words[1] ?? '';
    if (!at || !isFromClient(name, value)) return [];
    const cause = `${at.words[0]} is taken from ${brief(value)}, which a client writes itself: it can claim any address.`;
    return [{ at, cause }];
  });
}

/** What the client said, with our own address of it at the end, is honest: it is read from the right. */
function isFromClient(name: string, value: string): boolean {
  if (name === 'x-real-ip' && value.includes('$proxy_add_x_forwarded_for')) return true;
  if (!/\$\{?http_/.test(value)) return false;
  return name !== 'x-forwarded-for' || !/\$\{?(?:remote_addr|realip_remote_addr)\}?\s*$/.test(value);
}

function untrusted({ levels }: NginxView): Sighting[] {
  const trusting = levels.some((level) => level.own('set_real_ip_from').length > 0);
  if (trusting || levels.some(({ unfollowed }) => unfollowed.length > 0)) return [];
  return levels.flatMap((level) => level.own('real_ip_header')).map((at) => ({ at }));
}

function halfProxyProtocol({ sites }: NginxView): Sighting[] {
  const servers = [...new Set(sites.map(({ server }) => server))];
  const accepting = new Map(
    servers.map((server) => [server, listens(server).find(({ words }) => words.includes('proxy_protocol'))]),
  );
  return sites.flatMap((site) => {
    const listening = accepting.get(site.server);
    const reading = site.level.effective('real_ip_header').at(-1);
    const reads = reading?.words[0] === 'proxy_protocol';
    if (listening && !reads && !usesProxyAddress(site)) return [{ at: listening }];
    return !listening && reads && listens(site.server).length > 0 ? [{ at: reading }] : [];
  });
}

function usesProxyAddress(site: Site): boolean {
  const lines: (Directive | undefined)[] = [lastOf(site, 'x-real-ip'), lastOf(site, 'x-forwarded-for')];
  return lines.some((line) => line?.words[1]?.includes('proxy_protocol_addr'));
}
