import { randomBytes, X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { publish } from '../telemetry.ts';
import { every } from '../timer.ts';
import { FileWatch } from './file-watch.ts';
import { type LoadedCertificate, loadCertificate } from './load.ts';
import type { SslOptions } from './ssl-options.ts';

/** What a service speaks TLS with at present. Plain data: it travels between processes. */
export interface Keys {
  readonly certificate: LoadedCertificate;
  /** 48 bytes, the same in all processes of the service. */
  readonly ticketKeys: Buffer;
}

export interface KeyKeeperOptions {
  /** Called with new keys, for handshakes from here on. */
  readonly changed: (keys: Keys) => void;
  /** Seconds between two looks at the files. Default 2. */
  readonly watchInterval?: number;
  /** Seconds after which other ticket keys are made. Default a day. */
  readonly rotateInterval?: number;
}

const DAY = 86_400;

/**
 * Keeps the keys of one service: reads and proves them before anything listens, watches their files, and
 * makes the ticket keys. A pair that cannot be used is told and left alone: the one before serves on.
 */
export class KeyKeeper {
  #keys: Keys;
  readonly #options: SslOptions;
  readonly #changed: (keys: Keys) => void;
  readonly #watch: FileWatch;
  readonly #stopRotating: () => void;
  #mayRotate = true;

  /** @throws {UsageError} one line: which file, what is wrong with it, what to do. */
  constructor(options: SslOptions, { changed, watchInterval = 2, rotateInterval = DAY }: KeyKeeperOptions) {
    this.#options = options;
    this.#changed = changed;
    this.#keys = { certificate: loadCertificate(options), ticketKeys: randomBytes(48) };
    this.#warn();
    this.#watch = new FileWatch(filesOf(options), watchInterval, () => this.#reload());
    this.#stopRotating = every(rotateInterval * 1000, () => this.#rotate());
  }

  get keys(): Keys {
    return this.#keys;
  }

  /** Nobody who is on the way to another process shall lose the session: no rotation from here on. */
  holdTickets(): void {
    this.#mayRotate = false;
  }

  stop(): void {
    this.#watch.stop();
    this.#stopRotating();
  }

  #reload(): void {
    try {
      this.#keys = { ...this.#keys, certificate: loadCertificate(this.#options) };
    } catch (error) {
      return publish('usta:certificate:kept', { reason: (error as Error).message });
    }
    publish('usta:certificate:renewed', { daysLeft: daysLeft(this.#keys.certificate) });
    this.#warn();
    this.#changed(this.#keys);
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

/** Files and folders that `ssl` names; PEM text is none. */
export function filesOf(options: SslOptions): string[] {
  const { local_cert, local_pk, cert, key, cafile, ca, capath, crl, SNI_server_certs: others } = options;
  const named =
    others === undefined || typeof others === 'string'
      ? [others]
      : Object.values(others).flatMap((one) =>
          typeof one === 'object' && !Buffer.isBuffer(one) ? [one.local_cert, one.local_pk] : [one],
        );
  const given = [local_cert, local_pk, cert, key, cafile, ca, capath, crl, named].flat(2);
  const script = dirname(process.argv[1] ?? '.');
  return given
    .filter((one) => typeof one === 'string')
    .filter((one) => !one.includes('-----BEGIN'))
    .map((one) => resolve(script, one));
}
