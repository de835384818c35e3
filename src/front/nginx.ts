import { comment, FORGEABLE, heading, identifier, publicHost, TLS_1_2_SUITES } from './parts.ts';
import { formatUpstream, type ProxyPlan } from './plan.ts';
import { duration } from './timeouts.ts';
import { isAtLeast, requireVersion } from './version.ts';

/**
 * A file for nginx's `http` context.
 *
 * @throws {UsageError} this version does not know what is needed.
 * @see https://nginx.org/en/docs/http/websocket.html
 */
export function nginx(plan: ProxyPlan): string {
  requireVersion('nginx', plan.version, [1, 15, 3]);
  const parts = [comment(heading(plan, where(plan))), maps(), upstream(plan), redirect(plan), server(plan)];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** `listen` lines for one port. */
export function listens({ address }: ProxyPlan, port: number, words: string): string {
  const places = address === undefined ? [`${port}`, `[::]:${port}`] : [`${address}:${port}`];
  return places.map((place) => `  listen ${place}${words};`).join('\n');
}

/** What TLS is spoken, in the `http` and in the `stream` context alike; each has a cache (`zone`) of its own. */
export function tls({ certificate, key }: ProxyPlan, zone: string): string {
  return `  ssl_certificate     ${certificate};
  ssl_certificate_key ${key};
  # Forward secrecy and AEAD suites only; those of TLS 1.3 need no list. Clients know best what is fast for them.
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ${TLS_1_2_SUITES.join(':')};
  ssl_prefer_server_ciphers off;
  # Resumption by cache: tickets would weaken forward secrecy, as nginx never changes their key.
  ssl_session_cache shared:${zone}:10m;
  ssl_session_timeout 1d;
  ssl_session_tickets off;`;
}

function where(plan: ProxyPlan): string[] {
  const file = `/etc/nginx/conf.d/${identifier(plan)}.conf`;
  const dialect = isAtLeast(plan.version, [1, 25, 1]) ? '1.25.1 and newer' : '1.25.0 and older';
  return [`For nginx ${dialect}. Save as ${file}, then: nginx -t && nginx -s reload`];
}

function maps(): string {
  return `# A WebSocket's request for an upgrade is passed on. Any other request, and any other upgrade (h2c), is not one: its
# connection to the worker stays open for the next request.
map $http_upgrade $usta_upgrade {
  default       '';
  ~*^websocket$ websocket;
}
map $usta_upgrade $usta_connection {
  default upgrade;
  ''      '';
}`;
}

function upstream(plan: ProxyPlan): string {
  const { upstreams, timeouts } = plan;
  return `upstream ${identifier(plan)} {
${balance(plan)}${upstreams.map((one) => `  server ${formatUpstream(one)};`).join('\n')}
  # Connections kept for plain requests. The worker closes idle ones a little later, so that none is used while it closes.
  keepalive 16;
  keepalive_timeout ${duration(timeouts.upstreamKeepAliveMs)};
}`;
}

/** Which of several workers gets a connection. */
export function balance(plan: ProxyPlan): string {
  if (plan.upstreams.length === 1) return '';
  return `  # The worker with the fewest connections: WebSockets stay long. In the zone all nginx processes count together.
  zone ${identifier(plan)} 64k;
  least_conn;
`;
}

function redirect(plan: ProxyPlan): string {
  if (plan.plainPort === 0) return '';
  return `server {
${listens(plan, plan.plainPort, '')}
  server_name ${plan.domain};
  return 301 https://${publicHost(plan)}$request_uri;
}`;
}

function server(plan: ProxyPlan): string {
  const { domain, timeouts } = plan;
  const newer = isAtLeast(plan.version, [1, 25, 1]);
  return `server {
${listens(plan, plan.port, plan.http2 && !newer ? ' ssl http2' : ' ssl')}
${plan.http2 && newer ? '  http2 on;\n' : ''}  server_name ${domain};

${tls(plan, 'usta')}

  client_header_timeout ${duration(timeouts.headMs)};
  keepalive_timeout ${duration(timeouts.keepAliveMs)};
  # As large as the worker takes it.
  client_max_body_size ${plan.maxBody};

${plan.http2 ? withHttp2(plan) : withoutHttp2(plan)}

  # The place for the rest of this site.
  location / {
    return 404;
  }
}`;
}

function withoutHttp2(plan: ProxyPlan): string {
  return `  # "=": this path and nothing that only begins like it.
  location = ${plan.path} {
    proxy_pass http://${identifier(plan)};
${passing(plan, '    ')}
  }`;
}

/** nginx passes the worker's Upgrade header on, also with HTTP/2, where it breaks the response (RFC 9113 §8.2.2). */
function withHttp2(plan: ProxyPlan): string {
  return `${passing(plan, '  ')}

  # "=": this path and nothing that only begins like it.
  location = ${plan.path} {
    # A request that is no WebSocket goes on below; the status is nothing but the way there.
    error_page 418 = @${identifier(plan)};
    if ($usta_upgrade = '') {
      return 418;
    }
    proxy_pass http://${identifier(plan)};
  }
  location @${identifier(plan)} {
    # HTTP/2 has no such header: a response that carries it is refused by browsers.
    proxy_hide_header Upgrade;
    proxy_pass http://${identifier(plan)};
  }`;
}

function passing(plan: ProxyPlan, indent: string): string {
  const { timeouts } = plan;
  const lines = `proxy_http_version 1.1;
proxy_set_header Upgrade $usta_upgrade;
proxy_set_header Connection $usta_connection;
# The worker compares it with Origin.
proxy_set_header Host ${plan.port === 443 ? '$host' : '$host:$server_port'};

# Set, not appended: what the client says about itself ends here.
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Proto $scheme;
${FORGEABLE.map((name) => `proxy_set_header ${name} '';`).join('\n')}

proxy_connect_timeout ${duration(timeouts.connectMs)};
# The worker pings every ${duration(timeouts.pingMs)} and closes dead connections itself; longer silence means that it is gone.
proxy_read_timeout ${duration(timeouts.silenceMs)};
proxy_send_timeout ${duration(timeouts.silenceMs)};`;
  return lines.replaceAll(/^(?=.)/gm, indent);
}
