import { constants } from 'node:crypto';
import { INTERMEDIATE, type TlsOptions } from '../transport/tls-options.ts';
import type { SslOptions } from './ssl-options.ts';
import type { TlsVersion } from './ssl-settings.ts';

/** PHP's numbers of the versions that are spoken here. */
const TLS_1_2 = 32;
const TLS_1_3 = 64;

/** What of `ssl` chooses how TLS is spoken, in the words of the transport. Files are not read here. */
export function tlsSettings(options: SslOptions): TlsOptions {
  return {
    ...versions(options),
    ...suites(options),
    ...given({
      ecdhCurve: options.ecdhCurve ?? options.ecdh_curve,
      sigalgs: options.sigalgs,
      honorCipherOrder: options.honorCipherOrder ?? options.honor_cipher_order,
      ALPNProtocols: options.ALPNProtocols ?? commaList(options.alpn_protocols),
      ticketKeys: options.ticketKeys,
      sessionTimeout: options.sessionTimeout,
      sessionIdContext: options.sessionIdContext,
      secureOptions: secureOptions(options),
    }),
    ...clientsAsked(options),
  };
}

function versions(options: SslOptions): TlsOptions {
  const { profile, crypto_method: method } = options;
  if (method !== undefined) return methodVersions(method);
  return given<TlsOptions>({
    minVersion:
      options.minVersion ??
      version(options.min_proto_version) ??
      (profile === 'modern' ? 'TLSv1.3' : undefined),
    maxVersion: options.maxVersion ?? version(options.max_proto_version),
  });
}

/** None of them left means that only older ones were named: what is oldest here is spoken then. */
function methodVersions(method: number): TlsOptions {
  const two = (method & TLS_1_2) !== 0 || (method & TLS_1_3) === 0;
  const three = (method & TLS_1_3) !== 0;
  return { minVersion: two ? 'TLSv1.2' : 'TLSv1.3', maxVersion: three ? 'TLSv1.3' : 'TLSv1.2' };
}

function version(number: number | undefined): TlsVersion | undefined {
  if (number === undefined) return undefined;
  return number >= TLS_1_3 ? 'TLSv1.3' : 'TLSv1.2';
}

/** Node leaves TLS 1.3 out when a list names none of its suites, which nobody means who writes such a list. */
function suites({ ciphers, security_level: level }: SslOptions): TlsOptions {
  if (ciphers === undefined && level === undefined) return {};
  const ours = INTERMEDIATE.ciphers ?? '';
  const named = ciphers ?? ours;
  const newest = ours.split(':').filter((suite) => suite.startsWith('TLS_'));
  const all = /(?:^|[:, ])TLS_/.test(named) ? named : [...newest, named].join(':');
  return { ciphers: level === undefined ? all : `${all}:@SECLEVEL=${level}` };
}

function secureOptions({ secureOptions: own = 0, no_ticket: noTicket }: SslOptions): number | undefined {
  const all = own | (noTicket ? constants.SSL_OP_NO_TICKET : 0);
  return all === 0 ? undefined : all;
}

function clientsAsked(options: SslOptions): TlsOptions {
  const { verify_peer, allow_self_signed, requestCert, rejectUnauthorized } = options;
  if (!(requestCert ?? verify_peer)) return {};
  return { requestCert: true, rejectUnauthorized: rejectUnauthorized ?? !allow_self_signed };
}

function commaList(text: string | undefined): string[] | undefined {
  return text?.split(',').map((one) => one.trim());
}

/** Without the properties that are `undefined`. */
function given<T extends object>(all: { readonly [Name in keyof T]?: T[Name] | undefined }): T {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;
}
