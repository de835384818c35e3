import type { KeyPair } from '../authority.ts';

/** Kinds of proof that a server gives by itself. */
export type ChallengeType = 'http-01' | 'tls-alpn-01';

export const CHALLENGE_TYPES: readonly ChallengeType[] = ['tls-alpn-01', 'http-01'];

/** Where the answers of http-01 are asked for, on port 80. @see RFC 8555 §8.3 */
export const HTTP_01_PATH = '/.well-known/acme-challenge/';

/** The protocol that a connection for tls-alpn-01 asks for, alone. @see RFC 8737 §6.2 */
export const TLS_ALPN_01_PROTOCOL = 'acme-tls/1';

/** What is to be answered while a proof is under way. Plain data: it goes to other processes as it is. */
export type ChallengeAnswer =
  | {
      readonly type: 'http-01';
      readonly domain: string;
      readonly token: string;
      /** The body of the answer, `application/octet-stream`. */
      readonly keyAuthorization: string;
    }
  | { readonly type: 'tls-alpn-01'; readonly domain: string; readonly cert: string; readonly key: string };

/** What a listener asks while a proof may be under way. */
export interface Challenges {
  /** @returns the body for a GET of `/.well-known/acme-challenge/TOKEN`. */
  http01(token: string): string | undefined;
  /** @returns the certificate for a handshake that offers `acme-tls/1` for this server name. */
  tlsAlpn01(serverName: string): KeyPair | undefined;
}

/** The answers that one process knows. Whichever process gets the authority's connection must know them all. */
export class ChallengeAnswers implements Challenges {
  #tokens = new Map<string, string>();
  #certificates = new Map<string, KeyPair>();

  /** Takes the whole list: what is not in it is answered no longer. */
  replace(answers: readonly ChallengeAnswer[]): void {
    this.#tokens = new Map();
    this.#certificates = new Map();
    for (const answer of answers) this.#add(answer);
  }

  http01(token: string): string | undefined {
    return this.#tokens.get(token);
  }

  tlsAlpn01(serverName: string): KeyPair | undefined {
    return this.#certificates.get(serverName.toLowerCase());
  }

  #add(answer: ChallengeAnswer): void {
    if (answer.type === 'http-01') this.#tokens.set(answer.token, answer.keyAuthorization);
    else this.#certificates.set(answer.domain, { cert: answer.cert, key: answer.key });
  }
}
