/** TLS as users describe it: Workerman's words (PHP's) or Node's. Files or PEM text; files are relative to the script. */
export interface SslOptions {
  /** The certificate with its chain: PEM text or a file. May hold the key too. */
  readonly local_cert?: string;
  /** The private key, when it is not in `local_cert`. */
  readonly local_pk?: string;
  /** Of an encrypted key. */
  readonly passphrase?: string;
  /** Asks clients for a certificate and refuses those without a valid one. Default false. */
  readonly verify_peer?: boolean;
  /** With `verify_peer`: clients may present certificates that sign themselves. No effect on your own. */
  readonly allow_self_signed?: boolean;
  /** Authorities whose clients are accepted, with `verify_peer`: PEM text or a file. */
  readonly cafile?: string;
  /** Node's word for `local_cert`. */
  readonly cert?: string;
  /** Node's word for `local_pk`. */
  readonly key?: string;
  /** Node's word for `cafile`. */
  readonly ca?: string;
}
