import { randomBytes, X509Certificate } from 'node:crypto';
import { publish } from '../telemetry.ts';
import { every } from '../timer.ts';
import type { LoadedCertificate } from './load.ts';

/** What a service speaks TLS with at present. Plain data: it travels between processes. */
export interface Keys {
  readonly certificate: LoadedCertificate;
  /** 48 bytes, the same in all processes of the service. */
  readonly ticketKeys: Buffer;
}

/** Where a certificate comes from, and those that follow it. */
export interface CertificateSource {
  /** What to begin with, proved. */
  readonly first: LoadedCertificate;
  /** @throws {UsageError} what is there now could not be served. */
  check(): void;
  /** @param renewed called with each certificate that is to take the place of the one before. */
  start(renewed: (certificate: LoadedCertificate) => void): Promise<void>;
  stop(): void;
}

export interface KeyKeeperOptions {
  /** Called with new keys, for handshakes from here on. */
  readonly changed: (keys: Keys) => void;
  /** Seconds after which other ticket keys are made. Default a day. */
  readonly rotateInterval?: number;
}

const DAY = 86_400;

/** Keeps the keys of one service: the certificate as its source has it, and the ticket keys, which it makes. */
export class KeyKeeper {
  #keys: Keys;
  readonly #source: CertificateSource;
  readonly #changed: (keys: Keys) => void;
  readonly #stopRotating: () => void;
  #mayRotate = true;

  constructor(source: CertificateSource, { changed, rotateInterval = DAY }: KeyKeeperOptions) {
    this.#source = source;
    this.#changed = changed;
    this.#keys = { certificate: source.first, ticketKeys: randomBytes(48) };
    this.#stopRotating = every(rotateInterval * 1000, () => this.#rotate());
  }

  get keys(): Keys {
    return this.#keys;
  }

  async start(): Promise<void> {
    this.#warn();
    await this.#source.start((certificate) => {
      this.#keys = { ...this.#keys, certificate };
      publish('usta:certificate:renewed', { daysLeft: daysLeft(certificate) });
      this.#warn();
      this.#changed(this.#keys);
    });
  }

  /** @throws {UsageError} the files as they are now could not be served. */
  check(): void {
    this.#source.check();
  }

  /** Nobody who is on the way to another process shall lose the session: no rotation from here on. */
  holdTickets(): void {
    this.#mayRotate = false;
  }

  stop(): void {
    this.#source.stop();
    this.#stopRotating();
  }

  /** Once a day, so that a certificate that nobody has renewed is told again. */
  #rotate(): void {
    this.#warn();
    if (!this.#mayRotate) return;
    this.#keys = { ...this.#keys, ticketKeys: randomBytes(48) };
    this.#changed(this.#keys);
  }

  #warn(): void {
    for (const text of this.#keys.certificate.warnings) publish('usta:notice', { text });
  }
}

/** Days until the certificate for everybody expires; negative when it has. */
export function daysLeft({ tls: { cert } }: LoadedCertificate): number {
  const { validTo } = new X509Certificate(String(cert));
  return Math.floor((Date.parse(validTo) - Date.now()) / (DAY * 1000));
}
