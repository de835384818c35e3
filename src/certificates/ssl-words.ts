import type { SslOptions } from './ssl-options.ts';

/** What is accepted as the value of a word. */
export type SslType =
  | 'pem'
  | 'pems'
  | 'flag'
  | 'true'
  | 'text'
  | 'count'
  | 'texts'
  | 'bytes'
  | 'table'
  | 'version'
  | 'profile'
  | 'fingerprint';

export interface SslWord {
  readonly from: 'Workerman' | 'Node' | 'both' | 'usta';
  readonly type: SslType;
  /** What it does; of a word without effect, why it has none. */
  readonly says: string;
  /** Another word for the same; only one of the two can be given. */
  readonly same?: keyof SslOptions;
  readonly idle?: true;
}

/** Every word that `ssl` takes. The page docs/reference/certificates.md is held to this table. */
export const SSL_WORDS: Readonly<Record<keyof SslOptions, SslWord>> = {
  local_cert: works(
    'Workerman',
    'pem',
    'the certificate with its chain, your own first; may hold the key too',
  ),
  local_pk: works('Workerman', 'pem', 'the private key, when it is not in `local_cert`'),
  passphrase: works('both', 'text', 'of an encrypted key; nobody is ever asked for it'),
  cert: same('local_cert', 'pem'),
  key: same('local_pk', 'pem'),
  SNI_server_certs: works(
    'Workerman',
    'table',
    'other certificates for other names: `{ name: file }`, `{ name: { local_cert, local_pk, passphrase } }`, or a folder with `name/fullchain.pem` and `name/privkey.pem`',
  ),
  SNI_enabled: works('Workerman', 'flag', 'false leaves `SNI_server_certs` unused'),
  names: works(
    'usta',
    'texts',
    'names that clients will use: a certificate that is not for all of them is told at start',
  ),
  verify_peer: works(
    'Workerman',
    'flag',
    'asks clients for a certificate and refuses those without a valid one; default false',
  ),
  allow_self_signed: works(
    'Workerman',
    'flag',
    'with `verify_peer`: does not refuse them; no effect on your own certificate',
  ),
  cafile: works('Workerman', 'pem', 'authorities whose clients are accepted, with `verify_peer`'),
  ca: { ...same('cafile', 'pems'), says: "Node's word for `cafile`; may be a list" },
  capath: works('Workerman', 'text', 'a folder of such authorities, `.pem`, `.crt` or `.cer`'),
  verify_depth: works(
    'Workerman',
    'count',
    "at most so many certificates between the client's and the trusted authority",
  ),
  peer_fingerprint: works(
    'Workerman',
    'fingerprint',
    'of the only client certificate that is accepted, besides being valid: hexadecimal, or `{ sha256: hexadecimal }`',
  ),
  requestCert: works('Node', 'flag', 'asks clients for a certificate'),
  rejectUnauthorized: works(
    'Node',
    'flag',
    'with `requestCert`: refuses clients without a valid certificate; default true',
  ),
  crl: works('Node', 'pems', 'lists of revoked certificates of clients'),
  profile: works(
    'usta',
    'profile',
    "`'intermediate'`: TLS 1.2 and 1.3, the default; `'modern'`: TLS 1.3 alone",
  ),
  minVersion: works('Node', 'version', "`'TLSv1.2'` or `'TLSv1.3'`"),
  maxVersion: works('Node', 'version', "`'TLSv1.2'` or `'TLSv1.3'`"),
  crypto_method: works(
    'Workerman',
    'count',
    "PHP's bit mask of versions: 32 is TLS 1.2, 64 is TLS 1.3; older ones are left out",
  ),
  min_proto_version: {
    ...same('minVersion', 'count', 'Workerman'),
    says: "PHP's number of the oldest version: 32 or 64",
  },
  max_proto_version: {
    ...same('maxVersion', 'count', 'Workerman'),
    says: "PHP's number of the newest version: 32 or 64",
  },
  ciphers: works(
    'both',
    'text',
    "OpenSSL's names of suites, instead of ours; those of TLS 1.3 stay when none of them is named",
  ),
  security_level: works('Workerman', 'count', "OpenSSL's level, 0 to 5"),
  ecdhCurve: works('Node', 'text', 'groups for the key exchange, separated by `:`'),
  ecdh_curve: same('ecdhCurve', 'text', 'Workerman'),
  sigalgs: works('Node', 'text', 'signature algorithms, separated by `:`'),
  honorCipherOrder: works('Node', 'flag', "the server's order of suites counts"),
  honor_cipher_order: same('honorCipherOrder', 'flag', 'Workerman'),
  dhparam: works('Node', 'pem', 'parameters for DHE, which needs `ciphers` with DHE in them'),
  dh_param: same('dhparam', 'pem', 'Workerman'),
  ALPNProtocols: works('Node', 'texts', "protocols offered within TLS; default `['http/1.1', 'http/1.0']`"),
  alpn_protocols: { ...same('ALPNProtocols', 'text', 'Workerman'), says: 'the same, separated by commas' },
  no_ticket: works('Workerman', 'flag', 'gives clients no tickets to resume with'),
  ticketKeys: works('Node', 'bytes', 'keys of the tickets, 48 bytes, where servers share them'),
  sessionTimeout: works('Node', 'count', 'seconds that a session can be resumed'),
  sessionIdContext: works('Node', 'text', 'sessions are resumed only under the same word'),
  secureOptions: works('Node', 'count', "OpenSSL's `SSL_OP_…`"),
  disable_compression: idle('true', 'compression within TLS is off, always'),
  verify_peer_name: idle('flag', "a client's certificate is not for a host name"),
  peer_name: idle('text', 'for clients: the host name that they expect'),
  CN_match: idle('text', 'for clients: the old word for `peer_name`'),
  SNI_server_name: idle('text', 'for clients: the host name that they ask for'),
  capture_peer_cert: idle('flag', "a client's certificate can always be had"),
  capture_peer_cert_chain: idle('flag', "a client's certificate can always be had"),
  single_dh_use: idle('flag', 'a key of the exchange is used once, always'),
  single_ecdh_use: idle('flag', 'a key of the exchange is used once, always'),
  rsa_key_size: idle('count', 'no version spoken here has such keys'),
  reneg_limit: idle('count', 'clients cannot renegotiate'),
  reneg_window: idle('count', 'clients cannot renegotiate'),
};

/** Words of Node's that are known and refused, with what to do instead. */
export const REFUSED_WORDS: Readonly<Record<string, string>> = {
  pfx: 'convert it once: openssl pkcs12 -in server.p12 -out server.pem -nodes, and give server.pem as local_cert',
  secureProtocol: 'give minVersion and maxVersion',
  secureContext: 'give local_cert and local_pk, which are checked and watched',
  acme: 'it is an option of the worker, beside ssl',
  SNICallback: 'give SNI_server_certs, which are checked and watched',
  ALPNCallback: 'give ALPNProtocols',
  handshakeTimeout: 'give it to the worker, in seconds: handshakeTimeout is an option beside ssl',
  pskCallback: 'certificates are the only way here',
  privateKeyEngine: "OpenSSL's engines are gone; give the key as a file",
  privateKeyIdentifier: "OpenSSL's engines are gone; give the key as a file",
  clientCertEngine: "OpenSSL's engines are gone; name the authorities in cafile",
  allowPartialTrustChain: 'name a root in cafile',
  enableTrace: 'set NODE_DEBUG=tls in the environment',
};

/** What `developmentCertificate()` tells besides: it can be given as `ssl` as it is. */
export const TOLERATED_WORDS: readonly string[] = ['caFile', 'made', 'reason'];

function works(from: SslWord['from'], type: SslType, says: string): SslWord {
  return { from, type, says };
}

function same(word: keyof SslOptions, type: SslType, from: 'Workerman' | 'Node' = 'Node'): SslWord {
  return { from, type, says: `${from === 'Node' ? "Node's" : "PHP's"} word for \`${word}\``, same: word };
}

function idle(type: SslType, says: string): SslWord {
  return { from: 'Workerman', type, says, idle: true };
}
