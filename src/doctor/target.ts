import { isIP } from 'node:net';
import { UsageError } from '../errors.ts';

/** What is examined, read from its URL. */
export interface Target {
  /** The URL in its full spelling. */
  readonly url: string;
  /** `wss` and `https` are secure; `ws` and `wss` ask for a WebSocket, the others for a page. */
  readonly scheme: 'ws' | 'wss' | 'http' | 'https';
  readonly secure: boolean;
  readonly upgrade: boolean;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly isAddress: boolean;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  /** For the Host field. */
  readonly authority: string;
}

const SCHEMES = ['ws', 'wss', 'http', 'https'] as const;

/** @throws {UsageError} it is no ws, wss, http or https URL. */
export function readTarget(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = SCHEMES.find((one) => `${one}:` === url?.protocol);
  if (url === undefined || scheme === undefined || url.hostname === '') throw unreadable(text);
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      'E_DOCTOR_URL',
      'user and password in the URL are not sent by browsers; use --header',
    );
  }
  const secure = scheme === 'wss' || scheme === 'https';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  url.hash = '';
  return {
    url: url.href,
    scheme,
    secure,
    upgrade: scheme === 'ws' || scheme === 'wss',
    host,
    isAddress: isAddress(host),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    path: url.pathname + url.search,
    authority: url.host,
  };
}

function unreadable(text: string): UsageError {
  const hint = /^[\w.-]+(:\d+)?(\/|$)/.test(text) ? `; did you mean wss://${text}?` : '';
  return new UsageError('E_DOCTOR_URL', `"${text}" is no URL of ws, wss, http or https${hint}`);
}

/** An IP address, of either family. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}

/** Reached by this machine or its own network only. */
export function isPrivateHost(host: string): boolean {
  if (host === 'localhost' || /\.(localhost|local|internal|test|lan)$/.test(host)) return true;
  if (isIP(host) === 6) return /^(::1$|f[cd]|fe[89ab])/i.test(host);
  return isIP(host) === 4 && /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(host);
}

/** What browsers trust as they trust https, whatever the scheme. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\./.test(host);
}
