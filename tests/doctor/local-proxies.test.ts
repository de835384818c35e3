/** Where proxies pass requests to, by their configuration. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeTargets, readDump } from '../../src/doctor/local/proxies.ts';
import { findTargets } from '../../src/doctor/local/proxy-targets.ts';

const NGINX = `upstream chat {
  server 127.0.0.1:8282;
  server [::1]:8283 max_fails=0;
  server unix:/run/chat.sock;
}
server {
  listen 443 ssl;
  server_name domain.com:8443;
  location /wss { proxy_pass http://127.0.0.1:8284; }
  # location /old { proxy_pass http://127.0.0.1:1; }
  location /far { proxy_pass http://backend.example:9000/x; }
  location /named { proxy_pass http://chat; }
}
`;
const APACHE = `ProxyPass /wss ws://127.0.0.1:8282/wss
ProxyPassReverse /wss ws://127.0.0.1:1/wss
<Proxy balancer://all>
  BalancerMember http://localhost:8283 timeout=5
</Proxy>
RewriteRule /(.*) ws://127.0.0.1:8284/$1 [P,L]
`;
const HAPROXY = `frontend in
  bind :443 ssl crt /etc/ssl/all.pem
backend chat
  server one 127.0.0.1:8282 check
  server two ipv4@127.0.0.1:8283 check send-proxy-v2
`;
const CADDY = `domain.com {
  reverse_proxy /wss 127.0.0.1:8282 localhost:8283
  handle /b { reverse_proxy unix//run/x.sock }
}
`;

describe('where a proxy passes to', () => {
  it('nginx: proxy_pass and the servers of an upstream', () => {
    assert.deepEqual(places('nginx', NGINX), [
      '2 127.0.0.1 8282',
      '3 ::1 8283',
      '9 127.0.0.1 8284',
      '11 backend.example 9000',
    ]);
  });

  it('Apache: ProxyPass, members of a balancer, RewriteRule', () => {
    assert.deepEqual(places('apache', APACHE), ['1 127.0.0.1 8282', '4 localhost 8283', '6 127.0.0.1 8284']);
  });

  it('HAProxy and Caddy', () => {
    assert.deepEqual(places('haproxy', HAPROXY), ['4 127.0.0.1 8282', '5 127.0.0.1 8283']);
    assert.deepEqual(places('caddy', CADDY), ['2 127.0.0.1 8282', '2 localhost 8283']);
  });

  it('a port of this machine on which nothing listens is a backend that is down, with file and line', () => {
    const file = { proxy: 'nginx', path: '/etc/nginx/sites-enabled/chat', text: NGINX } as const;
    const findings = judgeTargets(file, new Set([8282, 8283]));
    assert.deepEqual(
      findings.map(({ code, severity }) => [code, severity]),
      [['backend-down', 'fault']],
    );
    assert.match(
      findings[0]?.cause.en ?? '',
      /^\/etc\/nginx\/sites-enabled\/chat:9: nginx passes to 127\.0\.0\.1:8284, where nothing listens/,
    );
    const [elsewhere] = judgeTargets(file, new Set([8282, 8283]), true);
    assert.equal(elsewhere?.severity, 'warning', "somebody else's, where the server is passed to");
  });
});

describe('nginx -T', () => {
  it('has all files, each with its own lines', () => {
    const dump = `# configuration file /etc/nginx/nginx.conf:\nhttp {\n}\n\n# configuration file /etc/nginx/conf.d/a.conf:\nserver {\n}\n`;
    assert.deepEqual(readDump(dump), [
      { proxy: 'nginx', path: '/etc/nginx/nginx.conf', text: 'http {\n}\n\n' },
      { proxy: 'nginx', path: '/etc/nginx/conf.d/a.conf', text: 'server {\n}\n' },
    ]);
    assert.deepEqual(readDump('nginx: [emerg] open() failed\n'), []);
  });
});

function places(...[proxy, text]: Parameters<typeof findTargets>): string[] {
  return findTargets(proxy, text).map(({ line, host, port }) => `${line} ${host} ${port}`);
}
