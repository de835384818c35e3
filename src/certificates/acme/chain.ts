import { createPrivateKey, X509Certificate } from 'node:crypto';
import { AcmeError } from './acme-error.ts';

export interface Expected {
  /** Private key, PEM. */
  readonly key: string;
  readonly domains: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Life of a certificate, in milliseconds since 1970. */
export interface Life {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Longer chains are refused. */
const MAX_CERTIFICATES = 10;
/** Clocks of two machines differ. */
const TOLERANCE = 3_600_000;

/**
 * The certificates in a PEM file, leaf first.
 *
 * @throws {AcmeError} when there is anything else in it, a private key above all.
 * @see RFC 8555 §9.1
 */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\w+/=]+-----END CERTIFICATE-----/g) ?? [];
  const rest = blocks.reduce((text, block) => text.replace(block, ''), pem);
  if (rest.includes('-----')) throw unfit('the file has more in it than certificates');
  if (blocks.length === 0) throw unfit('the file has no certificate in it');
  if (blocks.length > MAX_CERTIFICATES) throw unfit(`the chain has ${blocks.length} certificates`);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw unfit('a certificate in it cannot be read', { cause });
  }
}

/**
 * Makes sure that the chain can be served: for this key and these names, in its time, in order.
 *
 * @throws {AcmeError} the first fault.
 */
export function checkChain(chain: readonly X509Certificate[], { key, domains, now }: Expected): void {
  const [leaf] = chain;
  if (!leaf?.checkPrivateKey(createPrivateKey(key))) throw unfit('it is for another key');
  const missing = domains.find((domain) => !leaf.checkHost(domain, { subject: 'never' }));
  if (missing !== undefined) throw unfit(`it is not for ${missing}`);
  const { notBefore, notAfter } = lifeOf(leaf);
  if (!(notAfter > now)) throw unfit(`it ended on ${leaf.validTo}`);
  if (!(notBefore <= now + TOLERANCE))
    throw unfit(`it begins only on ${leaf.validFrom}; is this machine's clock right?`);
  chain.slice(1).forEach((issuer, index) => {
    const issued = chain[index];
    if (!issued?.checkIssued(issuer) || !issued.verify(issuer.publicKey)) {
      throw unfit(`certificate ${index + 2} of the chain has not issued the one before it`);
    }
  });
}

/** @returns the chain as one text, without whatever stood between the certificates. */
export function chainText(chain: readonly X509Certificate[]): string {
  return chain.map(String).join('');
}

/** @returns whether the last certificate's issuer is called so. */
export function endsWith(chain: readonly X509Certificate[], issuer: string): boolean {
  return chain.at(-1)?.issuer.toLowerCase().includes(issuer.toLowerCase()) ?? false;
}

export function lifeOf({ validFrom, validTo }: X509Certificate): Life {
  return { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) };
}

function unfit(why: string, options?: ErrorOptions): AcmeError {
  return new AcmeError('badCertificate', `the authority's certificate cannot be used: ${why}`, options);
}
