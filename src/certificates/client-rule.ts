import { createHash } from 'node:crypto';
import { UsageError } from '../errors.ts';
import type { SslOptions } from './ssl-options.ts';

/** What a valid certificate of a client has to be besides. Plain data: it travels between processes. */
export interface ClientRule {
  /** At most so many certificates between the client's and the trusted authority. */
  readonly depth?: number;
  /** By hash, in hexadecimal: of the only certificate that is accepted. */
  readonly fingerprints?: Readonly<Record<string, string>>;
}

const HASHES: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64, sha384: 96, sha512: 128 };

/** @throws {UsageError} the fingerprint is none. */
export function clientRule({
  verify_depth: depth,
  peer_fingerprint: given,
}: SslOptions): ClientRule | undefined {
  if (depth === undefined && given === undefined) return undefined;
  return {
    ...(depth === undefined ? {} : { depth }),
    ...(given === undefined ? {} : { fingerprints: fingerprints(given) }),
  };
}

/**
 * Why a client is refused whose certificate is valid otherwise.
 *
 * @param chain DER, the client's own first, up to the trusted authority, which is left out or in.
 */
export function objectionToClient(
  { depth, fingerprints }: ClientRule,
  chain: readonly Buffer[],
): string | undefined {
  const [own] = chain;
  if (own === undefined) return 'the client has shown no certificate';
  for (const [hash, wanted] of Object.entries(fingerprints ?? {})) {
    if (createHash(hash).update(own).digest('hex') !== wanted) {
      return `the ${hash} fingerprint of the client's certificate is not that of peer_fingerprint`;
    }
  }
  const between = chain.length - 2;
  return depth === undefined || between <= depth
    ? undefined
    : `the client's chain is longer than verify_depth (${depth})`;
}

function fingerprints(given: string | Readonly<Record<string, string>>): Record<string, string> {
  const byHash = typeof given === 'string' ? { [hashOf(plain(given))]: given } : given;
  return Object.fromEntries(
    Object.entries(byHash).map(([hash, text]) => {
      const digits = plain(text);
      if (HASHES[hash] === digits.length && /^[0-9a-f]+$/.test(digits)) return [hash, digits];
      throw new UsageError(
        'E_SSL_OPTION',
        `ssl.peer_fingerprint is not the ${hash} of a certificate in hexadecimal; openssl x509 -noout -fingerprint -sha256 -in FILE tells it`,
      );
    }),
  );
}

function plain(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}

function hashOf(digits: string): string {
  return Object.entries(HASHES).find(([, length]) => length === digits.length)?.[0] ?? 'sha256';
}
