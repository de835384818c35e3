/** A file name (relative ones are relative to the script), PEM text, or the bytes of such a file. */
export type PemSource = string | Buffer;

/** The versions of TLS that are safe to speak (RFC 8996). */
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Which clients are let in, by their certificates. */
export interface ClientOptions {
  /** A folder of authorities, one or more in each file, beside or instead of `cafile`. */
  readonly capath?: string;
  /** At most so many certificates between the client's and the trusted authority. */
  readonly verify_depth?: number;
  /**
   * Accepts only clients whose certificate has this fingerprint, besides being valid: hexadecimal, of SHA-256,
   * SHA-1 or MD5 by its length, or `{ sha256: '…' }`.
   */
  readonly peer_fingerprint?: string | Readonly<Record<string, string>>;
  /** Asks clients for a certificate; `verify_peer` is this and `rejectUnauthorized`. */
  readonly requestCert?: boolean;
  /** With `requestCert`: refuses clients without a valid certificate. Default true. */
  readonly rejectUnauthorized?: boolean;
  /** Lists of revoked certificates of clients. */
  readonly crl?: PemSource | readonly PemSource[];
}

/** One certificate and its key, of several. */
export interface NamedPair {
  readonly local_cert: PemSource;
  readonly local_pk?: PemSource;
  readonly passphrase?: string;
}

/** Other certificates for other names (RFC 6066 §3). Who asks for none of them gets `local_cert`. */
export interface ServerNameOptions {
  /**
   * `{ 'domain.com': 'both.pem', '*.domain.com': { local_cert, local_pk } }`, or a folder with
   * `name/fullchain.pem` and `name/privkey.pem`, each for the names in it.
   */
  readonly SNI_server_certs?: string | Readonly<Record<string, PemSource | NamedPair>>;
  /** False leaves `SNI_server_certs` unused. Default true. */
  readonly SNI_enabled?: boolean;
  /** Names that clients will use: a certificate that is not for all of them is told at start. */
  readonly names?: readonly string[];
}

/** How the two sides agree. */
export interface NegotiationOptions {
  /** `'intermediate'` (default): TLS 1.2 and 1.3. `'modern'`: TLS 1.3 alone. Both with forward secrecy only. */
  readonly profile?: 'modern' | 'intermediate';
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** PHP's bit mask of versions (`STREAM_CRYPTO_METHOD_…_SERVER`); older ones than TLS 1.2 are left out. */
  readonly crypto_method?: number;
  /** PHP's number of the oldest version: 32 is TLS 1.2, 64 is TLS 1.3. */
  readonly min_proto_version?: number;
  /** PHP's number of the newest version. */
  readonly max_proto_version?: number;
  /** Suites as OpenSSL names them, instead of ours; those of TLS 1.3 stay when none of them is named. */
  readonly ciphers?: string;
  /** OpenSSL's level, 0 to 5: what is weaker is refused in certificates, keys and signatures. */
  readonly security_level?: number;
  /** Groups for the key exchange, separated by `:`. */
  readonly ecdhCurve?: string;
  /** PHP's word for `ecdhCurve`. */
  readonly ecdh_curve?: string;
  /** Signature algorithms, separated by `:`. */
  readonly sigalgs?: string;
  /** The server's order of suites counts, not the client's. */
  readonly honorCipherOrder?: boolean;
  /** PHP's word for `honorCipherOrder`. */
  readonly honor_cipher_order?: boolean;
  /** Parameters for DHE, which needs `ciphers` with DHE in them. */
  readonly dhparam?: PemSource;
  /** PHP's word for `dhparam`. */
  readonly dh_param?: PemSource;
  /** Protocols offered within TLS (RFC 7301). Default `http/1.1`, `http/1.0`. */
  readonly ALPNProtocols?: readonly string[];
  /** PHP's word for `ALPNProtocols`: separated by commas. */
  readonly alpn_protocols?: string;
  /** Gives clients no tickets to resume with (RFC 5077). */
  readonly no_ticket?: boolean;
  /** Keys of the tickets, 48 bytes, where servers share them. */
  readonly ticketKeys?: Buffer;
  /** Seconds that a session can be resumed. */
  readonly sessionTimeout?: number;
  /** Sessions are resumed only under the same word. */
  readonly sessionIdContext?: string;
  /** OpenSSL's `SSL_OP_…`, as in Node's `crypto.constants`. */
  readonly secureOptions?: number;
}

/** Words that are taken and change nothing: what they ask for is so, or means nothing in a server. */
export interface UnneededOptions {
  /** Compression within TLS is off, always: it gives secrets away. */
  readonly disable_compression?: true;
  /** A client's certificate is not for a host name. */
  readonly verify_peer_name?: boolean;
  /** The host name that a client expects. */
  readonly peer_name?: string;
  /** The old word for `peer_name`. */
  readonly CN_match?: string;
  /** The host name that a client asks for. */
  readonly SNI_server_name?: string;
  /** A client's certificate can always be had. */
  readonly capture_peer_cert?: boolean;
  readonly capture_peer_cert_chain?: boolean;
  /** A key of the exchange is used once, always. */
  readonly single_dh_use?: boolean;
  readonly single_ecdh_use?: boolean;
  /** Of an exchange that no version spoken here has. */
  readonly rsa_key_size?: number;
  /** Clients cannot renegotiate. */
  readonly reneg_limit?: number;
  readonly reneg_window?: number;
}
