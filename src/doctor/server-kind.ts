import type { ResponseHead } from '../protocol/http/response-head.ts';

/** Servers whose configuration we can speak of. */
export type ServerKind = 'nginx' | 'apache' | 'haproxy' | 'caddy' | 'cdn';

/** Who answered, as far as the answer tells. */
export interface AnsweringServer {
  readonly kind: ServerKind | undefined;
  /** As a person calls it; empty when nothing tells. */
  readonly name: string;
}

interface Mark {
  readonly name: string;
  readonly kind?: ServerKind;
  readonly header: string;
  readonly value?: RegExp;
}

/** Networks in front of servers come first: behind them the server's own name may still be seen. */
const MARKS: readonly Mark[] = [
  { name: 'Cloudflare', kind: 'cdn', header: 'cf-ray' },
  { name: 'Amazon CloudFront', kind: 'cdn', header: 'x-amz-cf-id' },
  { name: 'Fastly', kind: 'cdn', header: 'x-served-by', value: /^cache-/i },
  { name: 'Akamai', kind: 'cdn', header: 'server', value: /^akamai/i },
  { name: 'Akamai', kind: 'cdn', header: 'x-akamai-request-id' },
  { name: 'Azure Front Door', kind: 'cdn', header: 'x-azure-ref' },
  { name: 'Vercel', kind: 'cdn', header: 'x-vercel-id' },
  { name: 'Google', kind: 'cdn', header: 'via', value: /^1\.1 google/i },
  { name: 'Alibaba Cloud CDN', kind: 'cdn', header: 'eagleid' },
  { name: 'Tencent Cloud CDN', kind: 'cdn', header: 'x-nws-log-uuid' },
  { name: 'AWS load balancer', header: 'server', value: /^awselb/i },
  { name: 'Heroku', header: 'via', value: /vegur/i },
  { name: 'nginx', kind: 'nginx', header: 'server', value: /^(nginx|openresty|tengine)/i },
  { name: 'Apache', kind: 'apache', header: 'server', value: /^apache(?!-coyote)/i },
  { name: 'Caddy', kind: 'caddy', header: 'server', value: /caddy/i },
  { name: 'Caddy', kind: 'caddy', header: 'via', value: /caddy/i },
  { name: 'Envoy', header: 'server', value: /^(envoy|istio)/i },
  { name: 'IIS', header: 'server', value: /^microsoft-iis/i },
  { name: 'LiteSpeed', header: 'server', value: /^(openl|l)itespeed/i },
];

/** Pages that a server writes itself. */
const PAGES: readonly { readonly name: string; readonly kind: ServerKind; readonly page: RegExp }[] = [
  { name: 'nginx', kind: 'nginx', page: /<center>(nginx|openresty|tengine)/i },
  { name: 'Apache', kind: 'apache', page: /<address>Apache/i },
  {
    name: 'HAProxy',
    kind: 'haproxy',
    page: /^<html><body><h1>\d{3} [^<]+<\/h1>\n(No server is available to handle|The server (returned an invalid|didn't respond)|Your browser sent an invalid|Request forbidden by administrative)/i,
  },
];

/** Tells the server, or the network in front of it, by its headers or its page. */
export function serverOf({ headers }: ResponseHead, page: string): AnsweringServer {
  const mark = MARKS.find(({ header, value }) => {
    const found = headers.get(header);
    return found !== undefined && (value === undefined || value.test(found));
  });
  const found = mark ?? PAGES.find((one) => one.page.test(page));
  return { kind: found?.kind, name: found?.name ?? headers.get('server') ?? '' };
}
