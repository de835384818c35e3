import { UsageError } from '../errors.ts';
import { balance, listens, tls } from './nginx.ts';
import { comment, heading, identifier } from './parts.ts';
import { formatUpstream, type ProxyPlan } from './plan.ts';
import { duration } from './timeouts.ts';
import { requireVersion } from './version.ts';

/**
 * A file for nginx's outermost context: only its stream module sends PROXY headers. It ends TLS and reads nothing of
 * what is inside, so path and plain requests are the worker's business.
 *
 * @throws {UsageError} for HTTP/2, which somebody would have to read.
 */
export function nginxStream(plan: ProxyPlan): string {
  requireVersion('nginx', plan.version, [1, 21, 4]);
  if (plan.http2) {
    throw new UsageError(
      'E_PROXY_HTTP2',
      'nginx sends PROXY headers for raw streams only, where it cannot speak HTTP/2; leave out --http2 or --proxy-protocol',
    );
  }
  const { timeouts } = plan;
  return `${comment(heading(plan, where(plan)))}

stream {
  upstream ${identifier(plan)} {
${indented(balance(plan))}${plan.upstreams.map((one) => `    server ${formatUpstream(one)};`).join('\n')}
  }

  server {
${indented(listens(plan, plan.port, ' ssl'))}

${indented(tls(plan, 'usta_stream'))}
    # Nothing else is spoken behind it.
    ssl_alpn http/1.1;
    ssl_handshake_timeout ${duration(timeouts.headMs)};

    proxy_pass ${identifier(plan)};
    # The client's address goes before its first byte, where no client can write.
    proxy_protocol on;
    proxy_connect_timeout ${duration(timeouts.connectMs)};
    # The worker pings every ${duration(timeouts.pingMs)} and closes dead connections itself; longer silence means that it is gone.
    proxy_timeout ${duration(timeouts.silenceMs)};
  }
}
`;
}

function where(plan: ProxyPlan): string[] {
  return [
    'Path and plain requests are answered by the worker; the server of another site on this port must move.',
    `Needs the stream module (Debian: libnginx-mod-stream). Save as /etc/nginx/modules-enabled/90-${identifier(plan)}.conf,`,
    'where nginx.conf includes files outside of http { }, then: nginx -t && nginx -s reload',
  ];
}

function indented(lines: string): string {
  return lines.replaceAll(/^(?=.)/gm, '  ');
}
