import { constants } from 'node:crypto';
import {
  type ConnectionOptions,
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContextOptions,
  type TlsOptions as ServerOptions,
} from 'node:tls';

/** What a TLS end is made from. Keys and certificates are PEM text, never file names. */
export interface TlsOptions
  extends SecureContextOptions,
    Pick<ServerOptions, 'ALPNProtocols' | 'requestCert' | 'rejectUnauthorized'> {}

/** A certificate and its key. */
export type TlsPair = Pick<TlsOptions, 'cert' | 'key' | 'passphrase' | 'ALPNProtocols'>;

/** What a listener speaks TLS with. */
export interface TlsServerOptions extends TlsOptions {
  /** The pair for a client that asks for this name and these protocols, where it is not the usual one. */
  readonly pairFor?: (serverName: string, protocols: readonly string[]) => TlsPair | undefined;
  /**
   * Why a client with a valid certificate is refused all the same.
   *
   * @param chain DER, the client's own first.
   */
  readonly objectionTo?: (chain: readonly Buffer[]) => string | undefined;
  /** Handshakes under way at a time; over it the oldest gives way. Default 1,000. */
  readonly maxHandshakes?: number;
}

/** What a client speaks TLS with. */
export interface TlsClientOptions extends TlsOptions, Pick<ConnectionOptions, 'checkServerIdentity'> {
  /** The name that the server is asked for (RFC 6066 §3); never an address. */
  readonly servername?: string;
  /** Has the last word about a server, also about one that was not refused for its certificate. */
  readonly verdict?: (shown: ShownCertificate) => Error | undefined;
  /**
   * All that `checkServerIdentity` and `verdict` go by. A session is resumed only where this and the other options are
   * the same; without it, none is.
   */
  readonly terms?: string;
}

/** What a server has shown of itself. */
export interface ShownCertificate {
  /** Why OpenSSL or the check of the name would refuse it, as Node's code; `''` when they would not. */
  readonly objection: string;
  readonly certificate: DetailedPeerCertificate;
}

/**
 * TLS 1.2 with forward secrecy and AEAD suites only, and TLS 1.3: what Mozilla's intermediate profile
 * allows. Named here so that the platform's own configuration cannot widen it.
 */
export const INTERMEDIATE: TlsOptions = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: true,
  ecdhCurve: knownGroups(['X25519MLKEM768', 'X25519', 'prime256v1', 'secp384r1']),
  ALPNProtocols: ['http/1.1', 'http/1.0'],
  // Sessions of clients with certificates can be resumed only within a named context (RFC 5246 §F.1.4).
  sessionIdContext: 'usta',
};

/**
 * Always on. A client of TLS 1.2 that renegotiates makes the server compute for nothing; one that names
 * ChaCha20 first has no AES in hardware, and gets it although the order is ours.
 */
export const ALWAYS: number = constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_PRIORITIZE_CHACHA;

/** Those that the OpenSSL of this Node knows: one that it does not would spoil the whole list. */
function knownGroups(groups: readonly string[]): string {
  return groups.filter(isKnown).join(':');
}

function isKnown(group: string): boolean {
  try {
    createSecureContext({ ecdhCurve: group });
    return true;
  } catch {
    return false;
  }
}
