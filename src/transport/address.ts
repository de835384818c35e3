import { isIP } from 'node:net';
import { platform } from 'node:process';

/** Longest path of a Unix socket, in bytes (`sun_path` less its final zero). */
const MAX_PATH = platform === 'linux' ? 107 : 103;

/** Where a listener or an end of a wire is. */
export type Address =
  | { readonly kind: 'ip'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** `127.0.0.1:80`, `[::1]:80`, `unix:/run/a.sock`; `unknown` without a host. */
export function formatAddress(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  if (address.host === '') return 'unknown';
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** An IPv4 address that a dual-stack socket reports as `::ffff:a.b.c.d` is told as `a.b.c.d`. */
export function plainIp(host: string): string {
  return host.startsWith('::ffff:') && host.includes('.') ? host.slice(7) : host;
}

/** Node shortens the path of a Unix socket silently when the system has no room for it. */
export function isTooLong(address: Address): boolean {
  return address.kind === 'unix' && Buffer.byteLength(address.path) > MAX_PATH;
}

export function isIp(host: string): boolean {
  return isIP(host) !== 0;
}

/** Whether only this machine is meant: `localhost`, `127.…` or `::1`, in brackets or not. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

export function isOfThisMachine(peer: Address): boolean {
  return peer.kind === 'unix' || isLoopback(peer.host);
}
