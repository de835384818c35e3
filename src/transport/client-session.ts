import { createHash } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { currentClock, now } from '../clock.ts';
import { type Address, formatAddress } from './address.ts';
import type { TlsClientOptions } from './tls-options.ts';

/** Sessions that are kept at a time, a few KiB each; the oldest goes first. */
const MAX_SESSIONS = 256;
/** Nothing is resumed so long after the certificate was shown, in milliseconds: then it is asked for again. */
const MAX_AGE = 3_600_000;

interface Kept {
  readonly session: Buffer;
  /** What the server has shown of itself: when it resumes a session it does not show it again. */
  readonly shown: DetailedPeerCertificate;
  readonly at: number;
}

const kept = new Map<string, Kept>();

/**
 * The session of one TLS connection of a client: resumes one that was had with the same server on the same
 * terms, and keeps what the server gives for the next time. It is kept only once the server was accepted.
 *
 * @see RFC 8446 §2.2 — Resumption and Pre-Shared Key
 */
export class ClientSession {
  readonly #key: string | undefined;
  /** What is offered to be resumed. */
  #former: Kept | undefined;
  #fresh: Buffer | undefined;
  #trusted: DetailedPeerCertificate | undefined;

  constructor(server: Address, tls: TlsClientOptions) {
    if (tls.terms === undefined) return;
    this.#key = createHash('sha256')
      .update(JSON.stringify([formatAddress(server), tls]))
      .digest('base64');
  }

  /** To be called once, when the handshake is about to begin. */
  offer(): { readonly session?: Buffer } {
    this.#former = this.#key === undefined ? undefined : take(this.#key);
    return this.#former === undefined ? {} : { session: this.#former.session };
  }

  /** @param socket with which it was offered. */
  follow(socket: TLSSocket): void {
    const takeBack = (): void => this.#takeBack();
    if (socket.connecting)
      socket.once('close', takeBack).once('connect', () => socket.off('close', takeBack));
    socket.on('session', (session) => {
      this.#fresh = session;
      this.#keep();
    });
  }

  /** What the server has shown, in this handshake or in the one that began the session. */
  shown(socket: TLSSocket): DetailedPeerCertificate {
    return this.#former && socket.isSessionReused() ? this.#former.shown : socket.getPeerCertificate(true);
  }

  /** The server is accepted for what it has shown. */
  trust(socket: TLSSocket, shown: DetailedPeerCertificate): void {
    this.#trusted = shown;
    // OpenSSL's servers give no new one when one is resumed: the same is good again.
    if (socket.isSessionReused()) this.#fresh ??= this.#former?.session;
    this.#keep();
  }

  /** Nobody was there to be offered anything. */
  #takeBack(): void {
    const [key, former] = [this.#key, this.#former];
    if (key !== undefined && former && !kept.has(key)) kept.set(key, former);
  }

  #keep(): void {
    const [key, session, shown] = [this.#key, this.#fresh, this.#trusted];
    if (key === undefined || session === undefined || shown === undefined) return;
    kept.delete(key);
    // One that resumes another is no younger: what was shown is as old.
    const at = shown === this.#former?.shown ? this.#former.at : now();
    kept.set(key, { session, shown, at });
    const [oldest] = kept.keys();
    if (kept.size > MAX_SESSIONS && oldest !== undefined) kept.delete(oldest);
  }
}

/** To one connection at a time, so that those side by side do not tell that they are of one client (RFC 8446 §C.4). */
function take(key: string): Kept | undefined {
  const found = kept.get(key);
  kept.delete(key);
  if (found === undefined || now() - found.at >= MAX_AGE) return undefined;
  return Date.parse(found.shown.valid_to) > currentClock().date() ? found : undefined;
}
