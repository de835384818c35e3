import { UsageError } from '../errors.ts';
import { comment, FORGEABLE, heading, publicHost } from './parts.ts';
import { formatUpstream, type ProxyPlan } from './plan.ts';
import { duration } from './timeouts.ts';
import { formatVersion, isAtLeast, requireVersion } from './version.ts';

/**
 * A Caddyfile's site.
 *
 * @throws {UsageError} this version cannot send PROXY headers.
 * @see https://caddyserver.com/docs/caddyfile/directives/reverse_proxy
 */
export function caddy(plan: ProxyPlan): string {
  requireVersion('caddy', plan.version, [2, 5, 0]);
  if (plan.proxyProtocol && !isNewer(plan)) {
    throw new UsageError(
      'E_PROXY_PROTOCOL',
      `caddy ${plan.version ? formatVersion(plan.version) : ''} cannot send PROXY headers, 2.7 can; leave out --proxy-protocol: X-Forwarded-For with trustProxy tells the same`,
    );
  }
  const parts = [comment(heading(plan, where(plan))), redirect(plan), site(plan)];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Plain HTTP on port 80 is sent to https by Caddy itself. */
function redirect(plan: ProxyPlan): string {
  if (plan.plainPort === 0 || plan.plainPort === 80) return '';
  return `http://${plan.domain}:${plan.plainPort} {
${bind(plan)}	redir https://${publicHost(plan)}{uri} permanent
}`;
}

function where(plan: ProxyPlan): string[] {
  const certificates =
    plan.certificate === undefined
      ? ['Caddy gets the certificate by itself; ports 80 and 443 must be reachable from outside for that.']
      : [];
  return [
    ...certificates,
    `For Caddy ${isNewer(plan) ? '2.7 and newer' : '2.5 and 2.6'}. Append to /etc/caddy/Caddyfile, then: caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy`,
  ];
}

function site(plan: ProxyPlan): string {
  const { timeouts } = plan;
  return `${publicHost(plan)} {
${bind(plan)}${tls(plan)}
	# This path and nothing that only begins like it; "path" would not tell capital letters apart.
	@usta path_regexp ^${plan.path.replaceAll('.', '\\.')}$
	handle @usta {
		reverse_proxy ${plan.upstreams.map(formatUpstream).join(' ')} {
${balance(plan)}			# Caddy sets X-Forwarded-For and X-Forwarded-Proto itself and passes Host as it came. What else the client says
			# about itself ends here.
${FORGEABLE.map((name) => `			header_up -${name}`).join('\n')}
${streams(plan)}			transport http {
				versions 1.1
				dial_timeout ${duration(timeouts.connectMs)}
				# The worker pings every ${duration(timeouts.pingMs)} and closes dead connections itself; longer silence means that it
				# is gone.
				read_timeout ${duration(timeouts.silenceMs)}
				write_timeout ${duration(timeouts.silenceMs)}
${connections(plan)}			}
		}
	}
	# The place for the rest of this site.
	handle {
		respond 404
	}
}`;
}

function bind({ address }: ProxyPlan): string {
  return address === undefined ? '' : `	bind ${address}\n`;
}

/** Caddy's own suites are those that we want, and HTTP/2 is what it offers unless told otherwise. */
function tls({ certificate, key, http2 }: ProxyPlan): string {
  const files = certificate === undefined ? '' : ` ${certificate} ${key}`;
  return `	tls${files} {
		protocols tls1.2 tls1.3
${http2 ? '' : '		alpn http/1.1\n'}	}
`;
}

function balance({ upstreams }: ProxyPlan): string {
  if (upstreams.length === 1) return '';
  return `			# To the worker with the fewest connections: WebSockets stay long. One that fails is left alone for a while.
			lb_policy least_conn
			lb_try_duration 5s
			fail_duration 10s
`;
}

/** Until 2.6 a reload of Caddy ends every open WebSocket with 1001. */
function streams(plan: ProxyPlan): string {
  if (!isNewer(plan)) return '';
  return `			# Open WebSockets outlive a reload of Caddy.
			stream_close_delay 24h
`;
}

function connections(plan: ProxyPlan): string {
  if (!plan.proxyProtocol) {
    return `				# Connections kept for plain requests, given up before the worker closes them.
				keepalive ${duration(plan.timeouts.upstreamKeepAliveMs)}
`;
  }
  return `				# The client's address goes before its first byte, so a connection serves one client only.
				proxy_protocol v2
				keepalive off
`;
}

function isNewer({ version }: ProxyPlan): boolean {
  return isAtLeast(version, [2, 7, 0]);
}
