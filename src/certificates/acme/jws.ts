import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';

/** A public key of P-256 as JSON, members in the order of RFC 7638. */
interface PublicKey {
  readonly crv: string;
  readonly kty: string;
  readonly x: string;
  readonly y: string;
}

/** Where a signed request goes, once. @see RFC 8555 §6.4, §6.5 */
interface Envelope {
  readonly url: string;
  readonly nonce: string;
  /** The account's URL; without it the key itself is sent along. */
  readonly account?: string | undefined;
}

/** @see RFC 8555 §7.3.4 */
export interface ExternalAccountBinding {
  /** The key identifier that the authority's website shows. */
  readonly keyId: string;
  /** The MAC key, base64url, as shown there. */
  readonly hmacKey: string;
}

/** The key that an account with the authority is known by: EC P-256, requests signed with ES256. */
export class AccountKey {
  readonly #key: KeyObject;
  readonly #public: PublicKey;

  /** @param pem PKCS #8, as {@link newAccountKey} makes it. @throws when it is no private key. */
  constructor(pem: string) {
    this.#key = createPrivateKey(pem);
    const { crv = '', kty = '', x = '', y = '' } = createPublicKey(this.#key).export({ format: 'jwk' });
    this.#public = { crv, kty, x, y };
  }

  /**
   * A request's body: flattened JSON, signed.
   *
   * @param payload what is asked, as JSON; empty for POST-as-GET (RFC 8555 §6.3).
   * @see RFC 8555 §6.2
   */
  signed({ url, nonce, account }: Envelope, payload: string): string {
    const who = account === undefined ? { jwk: this.#public } : { kid: account };
    return flattened({ alg: 'ES256', nonce, url, ...who }, payload, (input) =>
      sign('sha256', input, { key: this.#key, dsaEncoding: 'ieee-p1363' }),
    );
  }

  /** @see RFC 8555 §8.1 — Key Authorizations */
  authorization(token: string): string {
    const thumbprint = createHash('sha256').update(JSON.stringify(this.#public)).digest('base64url');
    return `${token}.${thumbprint}`;
  }

  /**
   * This key, vouched for by an account that exists outside of ACME.
   *
   * @param url of newAccount.
   */
  bound({ keyId, hmacKey }: ExternalAccountBinding, url: string): unknown {
    const mac = Buffer.from(hmacKey, 'base64url');
    return JSON.parse(
      flattened({ alg: 'HS256', kid: keyId, url }, JSON.stringify(this.#public), (input) =>
        createHmac('sha256', mac).update(input).digest(),
      ),
    );
  }
}

/** @returns a fresh key, PEM. */
export function newAccountKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/** @see RFC 7515 §7.2.2 */
function flattened(head: object, payload: string, signature: (input: Buffer) => Buffer): string {
  const parts = { protected: base64url(JSON.stringify(head)), payload: base64url(payload) };
  const input = Buffer.from(`${parts.protected}.${parts.payload}`);
  return JSON.stringify({ ...parts, signature: signature(input).toString('base64url') });
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
