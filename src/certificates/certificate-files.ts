import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { publish } from '../telemetry.ts';
import { FileWatch } from './file-watch.ts';
import type { CertificateSource } from './key-keeper.ts';
import { type LoadedCertificate, loadCertificate } from './load.ts';
import type { SslOptions } from './ssl-options.ts';

/** Seconds between two looks at the files. */
const INTERVAL = 2;

/**
 * The files that `ssl` names, watched. A pair that cannot be used, as in the middle of a renewal, is told and
 * left alone: the one before serves on.
 */
export class CertificateFiles implements CertificateSource {
  readonly first: LoadedCertificate;
  readonly #options: SslOptions;
  #watch: FileWatch | undefined;

  /** @throws {UsageError} one line: which file, what is wrong with it, what to do. */
  constructor(options: SslOptions) {
    this.#options = options;
    this.first = loadCertificate(options);
  }

  async start(renewed: (certificate: LoadedCertificate) => void): Promise<void> {
    this.#watch = new FileWatch(filesOf(this.#options), INTERVAL, () => {
      const certificate = this.#load();
      if (certificate) renewed(certificate);
    });
  }

  check(): void {
    loadCertificate(this.#options);
  }

  stop(): void {
    this.#watch?.stop();
  }

  #load(): LoadedCertificate | undefined {
    try {
      return loadCertificate(this.#options);
    } catch (error) {
      publish('usta:certificate:kept', { reason: (error as Error).message });
      return undefined;
    }
  }
}

/** Files and folders that `ssl` names; PEM text is none. */
function filesOf(options: SslOptions): string[] {
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
