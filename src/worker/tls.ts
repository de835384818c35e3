import { type ChallengeAnswer, TLS_ALPN_01_PROTOCOL } from '../certificates/acme/challenges.ts';
import { AuthoritySource } from '../certificates/authority-source.ts';
import { CertificateFiles } from '../certificates/certificate-files.ts';
import { objectionToClient } from '../certificates/client-rule.ts';
import { KeyKeeper, type Keys } from '../certificates/key-keeper.ts';
import { pairFor } from '../certificates/server-names.ts';
import type { TlsPair, TlsServerOptions } from '../transport/tls-options.ts';
import { acmeFromEnvironment } from './acme-environment.ts';
import { challengeAnswers } from './challenges.ts';
import type { WorkerOptions } from './options.ts';

export interface KeeperHooks {
  readonly changed: (keys: Keys) => void;
  /** Resolves when every listener of the service gives these answers, and no others. */
  readonly present: (answers: readonly ChallengeAnswer[]) => Promise<void> | void;
}

/**
 * Who keeps the keys of a worker: an authority gives them (`acme`, or `usta start --domain` for workers without a
 * certificate), or files hold them (`ssl`).
 *
 * @throws {UsageError} an option or a file cannot be used.
 */
export function keeperOf(options: WorkerOptions, { changed, present }: KeeperHooks): KeyKeeper {
  const { ssl = {} } = options;
  const hasOwn = (ssl.local_cert ?? ssl.cert) !== undefined;
  const acme = options.acme ?? (hasOwn ? undefined : acmeFromEnvironment());
  const source = acme ? new AuthoritySource({ acme, ssl, present }) : new CertificateFiles(ssl);
  return new KeyKeeper(source, { changed });
}

/** What the engine speaks TLS with; ticket keys of `ssl.ticketKeys` come before our own. */
export function serverTls({ certificate: { tls, byName, clients }, ticketKeys }: Keys): TlsServerOptions {
  return {
    ticketKeys,
    ...tls,
    pairFor: (name, protocols) => challengePair(name, protocols) ?? pairFor(byName, name),
    ...(clients && { objectionTo: (chain) => objectionToClient(clients, chain) }),
  };
}

/** @see RFC 8737 §3 — TLS with Application-Layer Protocol Negotiation (TLS ALPN) Challenge */
function challengePair(name: string, protocols: readonly string[]): TlsPair | undefined {
  if (!protocols.includes(TLS_ALPN_01_PROTOCOL)) return undefined;
  const pair = challengeAnswers.tlsAlpn01(name);
  return pair && { ...pair, ALPNProtocols: [TLS_ALPN_01_PROTOCOL] };
}
