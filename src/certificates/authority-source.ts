import { UsageError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import type { ChallengeAnswer } from './acme/challenges.ts';
import type { AcmeOptions } from './acme/options.ts';
import { Renewal } from './acme/renewal.ts';
import { placeholderCertificate } from './acme/self-signed.ts';
import type { KeyPair } from './authority.ts';
import type { CertificateSource } from './key-keeper.ts';
import { type LoadedCertificate, loadCertificate } from './load.ts';
import type { SslOptions } from './ssl-options.ts';

export interface AuthoritySourceOptions {
  readonly acme: AcmeOptions;
  /** How TLS is spoken; the certificate itself comes from the authority. */
  readonly ssl: SslOptions;
  /** Resolves when every listener of the service gives these answers, and no others. */
  readonly present: (answers: readonly ChallengeAnswer[]) => Promise<void> | void;
}

/**
 * A public authority that gives certificates and renews them. Until the first is there, a placeholder is
 * served that clients refuse: the port has to be open for the authority to prove it.
 */
export class AuthoritySource implements CertificateSource {
  readonly first: LoadedCertificate;
  readonly #renewal: Renewal;
  readonly #ssl: SslOptions;
  #renewed: (certificate: LoadedCertificate) => void = () => {};

  /** @throws {UsageError} an option cannot be used. */
  constructor({ acme, ssl, present }: AuthoritySourceOptions) {
    if (ssl.local_cert !== undefined || ssl.cert !== undefined) {
      throw new UsageError('E_ACME', 'acme gets the certificate: leave ssl.local_cert out, or acme');
    }
    this.#ssl = ssl;
    this.#renewal = new Renewal({
      acme,
      present,
      install: (pair) => this.#renewed(this.#load(pair)),
      report: (event) => publish('usta:acme', event),
    });
    const { domains } = this.#renewal.settings;
    this.first = { ...this.#load(placeholderCertificate(domains)), warnings: [] };
  }

  async start(renewed: (certificate: LoadedCertificate) => void): Promise<void> {
    this.#renewed = renewed;
    if (await this.#renewal.start()) return;
    const names = this.#renewal.settings.domains.join(', ');
    publish('usta:notice', {
      text: `the authority is asked for a certificate for ${names}; until it is there, clients refuse the connection`,
    });
  }

  /** What an authority has signed has been proved when it came. */
  check(): void {}

  stop(): void {
    void this.#renewal.stop();
  }

  #load({ cert, key }: KeyPair): LoadedCertificate {
    return loadCertificate({ ...this.#ssl, cert, key });
  }
}
