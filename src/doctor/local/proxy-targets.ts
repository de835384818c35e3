import type { ProxyName } from './proxies.ts';

/** Where a proxy passes requests on to, as its configuration says. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** From 1. */
  readonly line: number;
}

/** The directives that name places to pass to; the rest of their line has the places. */
const DIRECTIVES: Readonly<Record<ProxyName, RegExp>> = {
  nginx: /\b(?:proxy|grpc)_pass\s|^\s*server\s/i,
  apache: /^\s*(?:ProxyPass(?:Match)?|BalancerMember|RewriteRule)\s/i,
  haproxy: /^\s*server\s+\S+\s/i,
  caddy: /^\s*(?:reverse_proxy|to)\s/i,
};

/** An authority: after a scheme, or as a word of its own. */
const PLACE = /(?:\/\/|[\s@])(\[[\da-f:]+\]|[\w.-]+):(\d{1,5})(?![\w.:])/gi;

/** Every place in a configuration that names a host and a port to pass to; comments are none. */
export function findTargets(proxy: ProxyName, text: string): Target[] {
  const lines = text.split('\n').map((line) => line.slice(0, 4096).replace(/(^|\s)#.*$/, '$1'));
  return lines.flatMap((line, index) => {
    const start = line.search(DIRECTIVES[proxy]);
    const places = start === -1 ? [] : [...line.slice(start).matchAll(PLACE)];
    return places.map(([, host = '', port]) => ({
      host: host.replace(/^\[|\]$/g, ''),
      port: Number(port),
      line: index + 1,
    }));
  });
}

/** The name or address means this machine. */
export function isHere({ host }: Target): boolean {
  return host === 'localhost' || host === '::1' || host === '0.0.0.0' || host.startsWith('127.');
}
