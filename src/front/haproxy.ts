import {
  comment,
  FORGEABLE,
  heading,
  identifier,
  publicHost,
  TLS_1_2_SUITES,
  TLS_1_3_SUITES,
} from './parts.ts';
import { formatUpstream, type ProxyPlan } from './plan.ts';
import { duration } from './timeouts.ts';
import { requireVersion } from './version.ts';

/**
 * Two sections for HAProxy, to go behind a `global` one.
 *
 * @throws {UsageError} this version does not know what is needed.
 * @see https://docs.haproxy.org — Configuration Manual
 */
export function haproxy(plan: ProxyPlan): string {
  requireVersion('haproxy', plan.version, [2, 2, 0]);
  return `${[comment(heading(plan, where(plan))), frontend(plan), backend(plan), elsewhere(plan)].join('\n\n')}\n`;
}

function where(plan: ProxyPlan): string[] {
  return [
    `${plan.certificate} has the certificate, its chain and the key, one after the other. Append this file to`,
    '/etc/haproxy/haproxy.cfg, whose global section says user, chroot and log, then:',
    'haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy',
  ];
}

function frontend(plan: ProxyPlan): string {
  const { domain, path, timeouts, plainPort } = plan;
  const name = identifier(plan);
  return `frontend ${name}
  mode http
${plainPort === 0 ? '' : binds(plan, plainPort, '')}${binds(plan, plan.port, ` ssl crt ${plan.certificate} ${tls(plan)}`)}
  timeout http-request ${duration(timeouts.headMs)}
  timeout http-keep-alive ${duration(timeouts.keepAliveMs)}
  timeout client ${duration(timeouts.silenceMs)}
${plainPort === 0 ? '' : `\n  http-request redirect code 301 location https://${publicHost(plan)}%[capture.req.uri] unless { ssl_fc }\n`}
  # What the client says about itself ends here. Its address is set, not appended.
${FORGEABLE.map((header) => `  http-request del-header ${header}`).join('\n')}
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto https

  # This path and nothing that only begins like it; Host is passed as it came.
  acl ${name}_host hdr(host),field(1,:),lower -m str ${domain}
  acl ${name}_path path ${path}
  use_backend ${name} if ${name}_host ${name}_path
  # The place for the rest of this site: a use_backend of its own.
  default_backend ${name}_elsewhere`;
}

function elsewhere(plan: ProxyPlan): string {
  return `backend ${identifier(plan)}_elsewhere
  mode http
  http-request return status 404`;
}

/** An upgrade is a tunnel to HAProxy, with a timeout of its own. */
function backend(plan: ProxyPlan): string {
  const { timeouts, upstreams } = plan;
  const words = `${upstreams.length > 1 ? ' check' : ''}${plan.proxyProtocol ? ' send-proxy-v2' : ''}`;
  const balance =
    '  # To the worker with the fewest connections: WebSockets stay long.\n  balance leastconn\n';
  const servers = upstreams.map((one, index) => `  server worker${index + 1} ${formatUpstream(one)}${words}`);
  return `backend ${identifier(plan)}
  mode http
${upstreams.length > 1 ? balance : ''}  timeout connect ${duration(timeouts.connectMs)}
  timeout server ${duration(timeouts.silenceMs)}
  # An open WebSocket. The worker pings every ${duration(timeouts.pingMs)} and closes dead connections itself; longer silence means that it
  # is gone.
  timeout tunnel ${duration(timeouts.silenceMs)}
  # Connections to the worker are kept for plain requests.
  http-reuse safe
${servers.join('\n')}`;
}

function binds({ address }: ProxyPlan, port: number, words: string): string {
  const places = address === undefined ? `:${port},[::]:${port} v6only` : `${address}:${port}`;
  return `  bind ${places}${words}\n`;
}

/** Forward secrecy and AEAD suites only; ALPN names what is spoken. */
function tls({ http2 }: ProxyPlan): string {
  const alpn = http2 ? 'h2,http/1.1' : 'http/1.1';
  return `ssl-min-ver TLSv1.2 ciphers ${TLS_1_2_SUITES.join(':')} ciphersuites ${TLS_1_3_SUITES.join(':')} no-tls-tickets alpn ${alpn}`;
}
