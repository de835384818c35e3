/** Where a listener or an end of a wire is. */
export type Address =
  | { readonly kind: 'ip'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** `127.0.0.1:80`, `[::1]:80`, `unix:/run/a.sock`. */
export function formatAddress(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** An IPv4 address that a dual-stack socket reports as `::ffff:a.b.c.d` is told as `a.b.c.d`. */
export function plainIp(host: string): string {
  return host.startsWith('::ffff:') && host.includes('.') ? host.slice(7) : host;
}
