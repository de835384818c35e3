import type {
  ClientOptions,
  NegotiationOptions,
  PemSource,
  ServerNameOptions,
  UnneededOptions,
} from './ssl-settings.ts';

/**
 * TLS as users describe it: Workerman's words (PHP's), Node's, and a few of ours. A word that is none is
 * refused at start; a word and its double in the other language cannot both be given.
 */
export interface SslOptions extends ClientOptions, ServerNameOptions, NegotiationOptions, UnneededOptions {
  /** The certificate with its chain, your own first. May hold the key too. */
  readonly local_cert?: PemSource;
  /** The private key, when it is not in `local_cert`. */
  readonly local_pk?: PemSource;
  /** Of an encrypted key. Nobody is ever asked for it. */
  readonly passphrase?: string;
  /** Asks clients for a certificate and refuses those without a valid one. Default false. */
  readonly verify_peer?: boolean;
  /** With `verify_peer`: clients may present certificates that sign themselves. No effect on your own. */
  readonly allow_self_signed?: boolean;
  /** Authorities whose clients are accepted, with `verify_peer`. */
  readonly cafile?: PemSource;
  /** Node's word for `local_cert`. */
  readonly cert?: PemSource;
  /** Node's word for `local_pk`. */
  readonly key?: PemSource;
  /** Node's word for `cafile`; may be a list. */
  readonly ca?: PemSource | readonly PemSource[];
}
