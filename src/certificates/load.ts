import { UsageError } from '../errors.ts';
import type { TlsOptions } from '../transport/tls-options.ts';
import { type CheckContext, inspectCertificate } from './check.ts';
import type { ClientRule } from './client-rule.ts';
import { SENTENCES, sentence } from './findings.ts';
import type { SslOptions } from './ssl-options.ts';
import { secretOf } from './try-out.ts';

/** What a TLS end can be made from: read, and proved to work. */
export interface LoadedCertificate {
  /** The pair of `local_cert`, and everything of `ssl` that has a meaning in TLS. */
  readonly tls: TlsOptions;
  /** Pairs for other names: `pairFor` finds the one for a name. */
  readonly byName: ReadonlyMap<string, Pick<TlsOptions, 'cert' | 'key' | 'passphrase'>>;
  /** What a client's certificate has to be besides valid: `objectionToClient` proves it. */
  readonly clients?: ClientRule;
  /** What works, but not for everybody or not for long: a line each, for `usta:notice`. */
  readonly warnings: readonly string[];
}

/**
 * Reads what the `ssl` option names and proves that TLS can be spoken with it, before anything listens.
 *
 * @throws {UsageError} one line: which file or word, what is wrong with it, what to do.
 */
export function loadCertificate(options: SslOptions, context: CheckContext = {}): LoadedCertificate {
  const { findings, tls, byName, clients } = inspectCertificate(options, context);
  const [worst] = findings;
  if (worst?.stops) {
    const error = SENTENCES[worst.code].error ?? 'E_SSL_CERTIFICATE';
    throw new UsageError(
      error,
      worst.code === 'no-certificate' ? `${worst.cause}: ${worst.remedy}` : sentence(worst),
    );
  }
  return {
    tls,
    byName: new Map([...byName].map(([pattern, pair]) => [pattern, secretOf(pair)])),
    ...(clients === undefined ? {} : { clients }),
    warnings: findings.map(sentence),
  };
}
