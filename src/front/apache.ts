import { UsageError } from '../errors.ts';
import { comment, FORGEABLE, heading, identifier, publicHost, TLS_1_2_SUITES } from './parts.ts';
import { formatUpstream, type ProxyPlan } from './plan.ts';
import { duration, seconds } from './timeouts.ts';
import { requireVersion } from './version.ts';

/**
 * A file with virtual hosts for Apache httpd.
 *
 * @throws {UsageError} for the PROXY protocol, which Apache can read but not send.
 * @see https://httpd.apache.org/docs/2.4/mod/mod_proxy.html — Protocol Upgrade
 */
export function apache(plan: ProxyPlan): string {
  requireVersion('apache', plan.version, [2, 4, 47]);
  if (plan.proxyProtocol) {
    throw new UsageError(
      'E_PROXY_PROTOCOL',
      'Apache cannot send PROXY headers; leave out --proxy-protocol: X-Forwarded-For with trustProxy tells the same, or take haproxy or nginx',
    );
  }
  const parts = [
    comment(heading(plan, where(plan))),
    listens(plan),
    redirect(plan),
    balancer(plan),
    host(plan),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The modules that the configuration needs, as a2enmod calls them. A balancer does not begin without its default method. */
export function apacheModules({ upstreams, http2 }: ProxyPlan): string[] {
  const balancing = ['proxy_balancer', 'lbmethod_byrequests', 'lbmethod_bybusyness', 'slotmem_shm'];
  return [
    ...['ssl', 'headers', 'alias', 'proxy', 'proxy_http'],
    ...(upstreams.length > 1 ? balancing : []),
    ...(http2 ? ['http2'] : []),
  ];
}

function where(plan: ProxyPlan): string[] {
  const name = identifier(plan);
  return [
    `For Apache 2.4.47 and newer. Save as /etc/apache2/sites-available/${name}.conf, then:`,
    `a2enmod ${apacheModules(plan).join(' ')} && a2ensite ${name} && apachectl configtest && apachectl graceful`,
  ];
}

/** The usual ports are opened by the main configuration. */
function listens({ address, port, plainPort }: ProxyPlan): string {
  const others = [plainPort, port].filter(
    (one) => one !== 0 && (address !== undefined || ![80, 443].includes(one)),
  );
  return others.map((one) => `Listen ${address === undefined ? '' : `${address}:`}${one}`).join('\n');
}

function redirect(plan: ProxyPlan): string {
  if (plan.plainPort === 0) return '';
  return `<VirtualHost *:${plan.plainPort}>
  ServerName ${plan.domain}
  Redirect permanent "/" "https://${publicHost(plan)}/"
</VirtualHost>`;
}

function balancer(plan: ProxyPlan): string {
  if (plan.upstreams.length === 1) return '';
  const members = plan.upstreams.map(
    (one) => `  BalancerMember "http://${formatUpstream(one)}" ${parameters(plan)}`,
  );
  return `<Proxy "balancer://${balancerName(plan)}">
${members.join('\n')}
  # To the worker with the fewest requests under way: WebSockets stay long.
  ProxySet lbmethod=bybusyness
</Proxy>`;
}

function host(plan: ProxyPlan): string {
  const { path, timeouts } = plan;
  const pattern = `^${path.replaceAll('.', '\\.')}$`;
  return `<VirtualHost *:${plan.port}>
  ServerName ${plan.domain}

  SSLEngine on
  SSLCertificateFile    "${plan.certificate}"
  SSLCertificateKeyFile "${plan.key}"
  # Forward secrecy and AEAD suites only; those of TLS 1.3 need no list. Clients know best what is fast for them.
  SSLProtocol -all +TLSv1.2 +TLSv1.3
  SSLCipherSuite ${TLS_1_2_SUITES.join(':')}
  SSLHonorCipherOrder off
  SSLSessionTickets off
${protocols(plan)}
  # The worker pings every ${duration(timeouts.pingMs)} and closes dead connections itself; longer silence means that it is gone.
  # Of Timeout and the worker's own timeout, the longer counts.
  Timeout ${seconds(timeouts.silenceMs)}
  KeepAliveTimeout ${seconds(timeouts.keepAliveMs)}
  LimitRequestBody ${plan.maxBody}

  # Host as the client sent it: the worker compares it with Origin.
  ProxyPreserveHost On
  # Apache appends the client's address to X-Forwarded-For. What the client wrote there itself is taken out before, and
  # so are the other headers by which it could pose as somebody else.
  RequestHeader unset X-Forwarded-For
${FORGEABLE.map((name) => `  RequestHeader unset ${name}`).join('\n')}
  RequestHeader set X-Forwarded-Proto https

  # This path and nothing that only begins like it. An upgrade to WebSocket is passed on, plain requests stay plain.
  ${passing(plan, pattern)}

  # The place for the rest of this site: a DocumentRoot instead of this line.
  RedirectMatch 404 "^(?!${path.replaceAll('.', '\\.')}$)"
</VirtualHost>`;
}

function protocols({ http2 }: ProxyPlan): string {
  return http2
    ? '\n  # HTTP/2 is for pages; browsers open WebSockets over HTTP/1.1.\n  Protocols h2 http/1.1\n'
    : '\n  Protocols http/1.1\n';
}

function passing(plan: ProxyPlan, pattern: string): string {
  const [first] = plan.upstreams;
  if (plan.upstreams.length > 1 || !first)
    return `ProxyPassMatch "${pattern}" "balancer://${balancerName(plan)}"`;
  return `ProxyPassMatch "${pattern}" "http://${formatUpstream(first)}" ${parameters(plan)}`;
}

/** \`ttl\`: idle connections are given up before the worker closes them. */
function parameters({ timeouts }: ProxyPlan): string {
  const { connectMs, silenceMs, upstreamKeepAliveMs } = timeouts;
  return `upgrade=websocket connectiontimeout=${seconds(connectMs)} timeout=${seconds(silenceMs)} ttl=${Math.max(1, Math.floor(upstreamKeepAliveMs / 1000))}`;
}

/** A host name to Apache: no \`_\`. */
function balancerName(plan: ProxyPlan): string {
  return identifier(plan).replaceAll('_', '-').toLowerCase();
}
