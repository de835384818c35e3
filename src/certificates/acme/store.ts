import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SystemError } from '../../errors.ts';
import type { KeyPair } from '../authority.ts';
import { createFile, openPrivateDirectory, readIfThere, replaceFile } from '../private-store.ts';
import { certificatesIn, chainText, checkChain, type Life, lifeOf } from './chain.ts';
import { CHALLENGE_TYPES, type ChallengeType } from './challenges.ts';
import { newAccountKey } from './jws.ts';
import type { AcmeSettings } from './options.ts';

/** A certificate that can be served. */
export interface CertifiedPair extends KeyPair, Life {
  readonly domains: readonly string[];
}

/** What was found, or why it is of no use; `undefined` when nothing was ever stored. */
export type Stored = { readonly pair: CertifiedPair } | { readonly fault: string } | undefined;

/** What is worth knowing after a restart. */
export interface Memory {
  /** The authority asked to stay away until then, in milliseconds since 1970. */
  readonly stayAwayUntil?: number;
  /** What proved the domains the last time. */
  readonly challenge?: ChallengeType;
}

/** The files of one certificate: directory 0700, files 0600, each replaced at one stroke. */
export class CertificateStore {
  /** Key and chain in one file, so that no crash can part them. */
  readonly file: string;
  /** Names the process that renews. */
  readonly leaseFile: string;
  /** The key of the account with the authority, PEM. */
  readonly accountFile: string;
  readonly #settings: AcmeSettings;
  readonly #memoryFile: string;

  constructor(settings: AcmeSettings) {
    const { directory, domains, keyType, storage } = settings;
    const sorted = [...domains].sort();
    const name = `${sorted[0]}-${digest([directory, keyType, ...sorted])}`;
    this.#settings = settings;
    this.file = join(storage, `${name}.pem`);
    this.leaseFile = join(storage, `${name}.lease`);
    this.#memoryFile = join(storage, `${name}.json`);
    this.accountFile = join(storage, `account-${digest([directory])}.pem`);
  }

  /** @throws {SystemError} when the directory cannot be used. */
  async open(): Promise<void> {
    const { storage } = this.#settings;
    try {
      await openPrivateDirectory(storage);
    } catch (cause) {
      const { code = 'E_ACME_STORAGE', message } = cause as NodeJS.ErrnoException;
      throw new SystemError(code, `acme.storage ${storage} cannot be used: ${message}`, { cause });
    }
  }

  /** @param now milliseconds since 1970. */
  async read(now: number): Promise<Stored> {
    const text = await readIfThere(this.file);
    if (text === undefined) return undefined;
    try {
      return { pair: this.#pairIn(text, now) };
    } catch (error) {
      return { fault: `${this.file} is not used: ${(error as Error).message}` };
    }
  }

  async write({ cert, key }: KeyPair): Promise<void> {
    await replaceFile(this.file, key + cert, 0o600);
  }

  /** The key of the account with this authority, made once; whoever comes second takes the first one's. */
  async accountKey(): Promise<string> {
    const found = await readIfThere(this.accountFile);
    if (found !== undefined) return found;
    await createFile(this.accountFile, newAccountKey(), 0o600);
    return (await readIfThere(this.accountFile)) ?? '';
  }

  async recall(): Promise<Memory> {
    try {
      const { stayAwayUntil, challenge } = JSON.parse(
        (await readIfThere(this.#memoryFile)) ?? '{}',
      ) as Memory;
      return {
        ...(typeof stayAwayUntil === 'number' ? { stayAwayUntil } : {}),
        ...(challenge && CHALLENGE_TYPES.includes(challenge) ? { challenge } : {}),
      };
    } catch {
      return {};
    }
  }

  async remember(memory: Memory): Promise<void> {
    await replaceFile(this.#memoryFile, `${JSON.stringify(memory)}\n`, 0o600);
  }

  #pairIn(text: string, now: number): CertifiedPair {
    const { domains } = this.#settings;
    const [key] = /^-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(text) ?? [''];
    const chain = certificatesIn(text.slice(key.length));
    checkChain(chain, { key, domains, now });
    const [leaf] = chain;
    if (!leaf) throw new Error('it is empty');
    return { cert: chainText(chain), key, domains, ...lifeOf(leaf) };
  }
}

function digest(words: readonly string[]): string {
  return createHash('sha256').update(words.join('\n')).digest('hex').slice(0, 12);
}
