import { resolve } from 'node:path';
import { domainToASCII } from 'node:url';
import { type Limits, resolveLimits } from '../connection/limits.ts';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { isIp } from '../transport/address.ts';
import { type ProxyTimeouts, timeoutsFor } from './timeouts.ts';
import { parseVersion, type Version } from './version.ts';

export const PROXIES = ['nginx', 'apache', 'haproxy', 'caddy'] as const;
export type ProxyName = (typeof PROXIES)[number];

/** What a person asks of the proxy in front; everything but the domain has a default. */
export interface PlanOptions {
  readonly domain: string;
  /** The one path that is passed on, exactly. Default `/`. */
  readonly path?: string;
  /** `host:port` of each worker. Default `127.0.0.1:8282`. */
  readonly upstreams?: readonly string[];
  /** The certificate with its chain, PEM. */
  readonly certificate?: string;
  readonly key?: string;
  readonly http2?: boolean;
  /** Tell the client's address in a PROXY header before the first byte, not in a header of HTTP. */
  readonly proxyProtocol?: boolean;
  /** `1.22.1`; unknown means the newest. */
  readonly version?: string;
  /** Where clients connect. Default 443. */
  readonly port?: number;
  /** Where plain HTTP is sent to https; 0 for nowhere. Default 80. */
  readonly plainPort?: number;
  /** The one address to listen on; all of this machine unless given. */
  readonly address?: string;
  /** What the worker's deadlines are, if they are not our defaults. */
  readonly limits?: Limits;
}

export interface Upstream {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A proxy in front of workers, checked: nothing in it can be misread by any configuration's grammar. */
export interface ProxyPlan {
  readonly proxy: ProxyName;
  readonly version: Version | undefined;
  readonly domain: string;
  readonly path: string;
  readonly upstreams: readonly Upstream[];
  /** `undefined` where the proxy gets its own certificates (Caddy). */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly http2: boolean;
  readonly proxyProtocol: boolean;
  readonly port: number;
  readonly plainPort: number;
  readonly address: string | undefined;
  readonly timeouts: ProxyTimeouts;
  /** Largest request body that the worker takes, in bytes. */
  readonly maxBody: number;
}

/** Where the manual's own configurations look for them; HAProxy reads both from one file. */
const USUAL_FILES: Readonly<Record<ProxyName, { certificate?: string; key?: string }>> = {
  nginx: { certificate: '/etc/ssl/server.pem', key: '/etc/ssl/server.key' },
  apache: { certificate: '/etc/ssl/server.pem', key: '/etc/ssl/server.key' },
  haproxy: { certificate: '/etc/haproxy/server.pem' },
  caddy: {},
};

/**
 * Checks every part, so that what is written into a configuration means there what it means here.
 *
 * @throws {UsageError} one line: which part, and what would do.
 */
export function planProxy(proxy: string, options: PlanOptions): ProxyPlan {
  const limits = options.limits ?? resolveLimits({});
  const { upstreams = [] } = options;
  const name = proxyName(proxy);
  return {
    proxy: name,
    version: options.version === undefined ? undefined : parseVersion(options.version),
    domain: checkedDomain(options.domain),
    path: checkedPath(options.path ?? '/'),
    upstreams: (upstreams.length > 0 ? upstreams : ['127.0.0.1:8282']).map(parseUpstream),
    ...files(name, options),
    http2: options.http2 ?? false,
    proxyProtocol: options.proxyProtocol ?? false,
    port: checkedPort('port', options.port ?? 443, 1),
    plainPort: checkedPort('plain-port', options.plainPort ?? 80, 0),
    address: options.address,
    timeouts: timeoutsFor(limits),
    maxBody: limits.maxBody,
  };
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatUpstream({ host, port }: Upstream): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function proxyName(text: string): ProxyName {
  const found = PROXIES.find((name) => name === text);
  if (found) return found;
  const meant = nearest(text, PROXIES);
  const hint = meant === undefined ? `one of ${PROXIES.join(', ')}` : `did you mean ${meant}?`;
  throw new UsageError('E_PROXY', `no configuration for "${text}" is known; ${hint}`);
}

/** @see RFC 1123 §2.1 — host names; internationalized ones are turned into their ASCII form (RFC 5891) */
function checkedDomain(text: string): string {
  const domain = /^[\x21-\x7e]*$/.test(text) ? text.toLowerCase() : domainToASCII(text);
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
  const wellFormed = new RegExp(`^(${label}\\.)*${label}$`).test(domain) && !/(^|\.)\d+$/.test(domain);
  if (wellFormed && domain.length <= 253) return domain;
  throw new UsageError(
    'E_DOMAIN',
    `${shown(text)} is no domain name; --domain takes one name such as domain.com, without https:// and path`,
  );
}

/** Only characters that mean themselves in every grammar, and no form that a proxy would normalize first. */
function checkedPath(path: string): string {
  if (!path.startsWith('/')) {
    throw new UsageError('E_PATH', `the path ${shown(path)} must begin with "/": --path /wss`);
  }
  const segments = path.split('/').slice(1, -1);
  const plain = /^[A-Za-z0-9._~/-]+$/.test(path) && path.length <= 1024;
  const dots = path.split('/').some((segment) => segment === '.' || segment === '..');
  if (plain && !dots && !segments.includes('')) return path;
  throw new UsageError(
    'E_PATH',
    `the path ${shown(path)} may have letters, digits and - . _ ~ between single slashes, and no "." or ".." of its own`,
  );
}

function parseUpstream(text: string): Upstream {
  const [, six, name, digits = ''] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  const host = six ?? name ?? '';
  if (port >= 1 && port <= 65_535 && isHostName(host, six !== undefined)) {
    return { host: host.toLowerCase(), port };
  }
  throw new UsageError(
    'E_UPSTREAM',
    `${shown(text)} is no address of a worker; --upstream takes host:port such as 127.0.0.1:8282`,
  );
}

function isHostName(host: string, bracketed: boolean): boolean {
  if (bracketed || /^[\d.]+$/.test(host)) return isIp(host);
  return /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(host) && host.length <= 253;
}

function files(proxy: ProxyName, options: PlanOptions): Pick<ProxyPlan, 'certificate' | 'key'> {
  const { certificate, key } = options;
  if (certificate === undefined && key !== undefined) {
    throw new UsageError('E_FILE', '--key is given without --cert; give the certificate that the key is for');
  }
  if (certificate === undefined) {
    return { certificate: USUAL_FILES[proxy].certificate, key: USUAL_FILES[proxy].key };
  }
  const checked = checkedFile('--cert', certificate);
  const checkedKey = key === undefined ? undefined : checkedFile('--key', key);
  if (proxy !== 'haproxy') return { certificate: checked, key: checkedKey ?? checked };
  if (checkedKey === undefined || checkedKey === checked || checkedKey === `${checked}.key`) {
    return { certificate: checked, key: undefined };
  }
  throw new UsageError(
    'E_FILE',
    `HAProxy reads the key from the file of the certificate: cat ${checked} ${checkedKey} > FILE, then --cert FILE alone`,
  );
}

/** A relative name is relative to where the person is now, not to wherever the proxy will be started. */
function checkedFile(option: string, name: string): string {
  const path = resolve(name);
  if (/^[A-Za-z0-9._/@+-]+$/.test(path)) return path;
  throw new UsageError(
    'E_FILE',
    `${option}: the file name ${shown(path)} may have letters, digits and . _ - + @ / only, or a configuration would misread it`,
  );
}

function checkedPort(option: string, port: number, least: number): number {
  if (Number.isInteger(port) && port >= least && port <= 65_535) return port;
  throw new UsageError('E_PORT', `--${option} takes a port from ${least} to 65535, not ${port}`);
}

/** What somebody typed, on one line and without control characters. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
