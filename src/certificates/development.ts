import { createPrivateKey, X509Certificate } from 'node:crypto';
import { homedir, hostname, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import process from 'node:process';
import { SystemError } from '../errors.ts';
import { createAuthority, isFor, issue, type KeyPair, LEAF_DAYS } from './authority.ts';
import { localNames } from './local-names.ts';
import { createFile, openPrivateDirectory, readIfThere, replaceFile } from './private-store.ts';

export interface DevelopmentOptions {
  /** Where the CA lives; `USTA_CA_DIRECTORY`, else `usta/ca` in the user's data directory. */
  readonly directory?: string;
  /** More names and addresses: of `.local` and `.localhost`, of loopback and private networks. */
  readonly names?: readonly string[];
}

export interface DevelopmentCertificate {
  /** The chain, leaf first, PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** Names and addresses in the certificate. */
  readonly names: readonly string[];
  /** The authority's certificate, PEM. */
  readonly ca: string;
  /** The same as a file: what a browser or a system is given to trust. */
  readonly caFile: string;
  /** True when the authority or the leaf was made by this call; `reason` says why. */
  readonly made: boolean;
  readonly reason?: string;
}

/** What was found in the store, or why it is of no use. */
type Found = { readonly pair: KeyPair } | { readonly fault: string };

interface Made {
  readonly pair: KeyPair;
  readonly reason?: string;
}

const DAY = 86_400_000;

/**
 * A certificate for `localhost`, this machine's addresses and `names`, from a CA that is made once for
 * this user and stays until its end. A leaf is renewed when a third of its life is left.
 *
 * @throws {UsageError} for a name that is not local.
 * @throws {SystemError} when the directory cannot be used.
 */
export async function developmentCertificate(
  options: DevelopmentOptions = {},
): Promise<DevelopmentCertificate> {
  const directory = resolve(options.directory ?? defaultDirectory());
  const names = localNames(options.names ?? []);
  try {
    return await fromStore(directory, names);
  } catch (error) {
    throw unusable(directory, error as Error);
  }
}

/**
 * Every authority that was ever made in the store, PEM; none is made.
 *
 * @throws {SystemError} when the directory cannot be read.
 */
export async function developmentAuthorities(directory: string = defaultDirectory()): Promise<string[]> {
  const found: string[] = [];
  try {
    for (let number = 1; ; number += 1) {
      const text = await readIfThere(join(directory, `authority-${number}.pem`));
      if (text === undefined) return found;
      const pair = readPair(text);
      if ('pair' in pair) found.push(pair.pair.cert);
    }
  } catch (error) {
    throw unusable(directory, error as Error);
  }
}

async function fromStore(directory: string, names: readonly string[]): Promise<DevelopmentCertificate> {
  await openPrivateDirectory(directory);
  const authority = await authorityOf(directory);
  const leaf = await leafOf(directory, authority.pair, names);
  const caFile = join(directory, 'ca.pem');
  const ca = authority.pair.cert;
  if ((await readIfThere(caFile)) !== ca) await replaceFile(caFile, ca, 0o644);
  const reason = authority.reason ?? leaf.reason;
  const made = { made: reason !== undefined, ...(reason === undefined ? {} : { reason }) };
  return { cert: leaf.pair.cert + ca, key: leaf.pair.key, names, ca, caFile, ...made };
}

/**
 * The first good one of `authority-1.pem`, `authority-2.pem`, …: a bad one is never replaced but
 * followed by the next number, created exclusively. So any number of processes that start at once
 * end with the same authority, without a lock that a crash could leave behind.
 */
async function authorityOf(directory: string): Promise<Made> {
  const faults: string[] = [];
  let reason: string | undefined;
  for (let number = 1; ; ) {
    const file = join(directory, `authority-${number}.pem`);
    const text = await readIfThere(file);
    if (text === undefined) {
      const { cert, key } = createAuthority(owner());
      if (await createFile(file, key + cert, 0o600)) reason = faults.at(-1) ?? 'first start';
      continue;
    }
    const found = usableAuthority(text);
    if ('pair' in found) return { pair: found.pair, ...(reason === undefined ? {} : { reason }) };
    faults.push(`a new CA: ${file} ${found.fault}`);
    number += 1;
  }
}

async function leafOf(directory: string, authority: KeyPair, names: readonly string[]): Promise<Made> {
  const file = join(directory, 'leaf.pem');
  const text = await readIfThere(file);
  const found: Found = text === undefined ? { fault: 'first start' } : usableLeaf(text, authority, names);
  if ('pair' in found) return found;
  const pair = issue(authority, names);
  await replaceFile(file, pair.key + pair.cert, 0o600);
  return { pair, reason: text === undefined ? found.fault : `a new certificate: the old one ${found.fault}` };
}

function usableAuthority(text: string): Found {
  const found = readPair(text);
  if ('fault' in found) return found;
  const certificate = new X509Certificate(found.pair.cert);
  if (!certificate.ca || !certificate.verify(certificate.publicKey)) return { fault: 'is not a CA' };
  return endsSoon(certificate, LEAF_DAYS * DAY) ?? found;
}

function usableLeaf(text: string, authority: KeyPair, names: readonly string[]): Found {
  const found = readPair(text);
  if ('fault' in found) return found;
  const certificate = new X509Certificate(found.pair.cert);
  if (!certificate.verify(new X509Certificate(authority.cert).publicKey))
    return { fault: 'is of another CA' };
  if (!isFor(found.pair.cert, names)) return { fault: 'is for other names or addresses' };
  return endsSoon(certificate, (LEAF_DAYS * DAY) / 3) ?? found;
}

/** Key and certificate lie in one file, so that no crash and no race can part them. */
function readPair(text: string): Found {
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(text)?.[0];
  const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(text)?.[0];
  if (!key || !cert) return { fault: 'is incomplete' };
  try {
    const matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
    return matches ? { pair: { cert, key } } : { fault: 'has a key that is not of its certificate' };
  } catch {
    return { fault: 'cannot be read' };
  }
}

/** @param least life that must be left, in milliseconds. */
function endsSoon({ validFrom, validTo }: X509Certificate, least: number): Found | undefined {
  const now = Date.now();
  if (now < Date.parse(validFrom)) return { fault: `begins only on ${validFrom}` };
  return Date.parse(validTo) - now < least ? { fault: `ends on ${validTo}` } : undefined;
}

/** @see XDG Base Directory Specification: a relative path is ignored. */
function defaultDirectory(): string {
  const { USTA_CA_DIRECTORY: own, XDG_DATA_HOME: data } = process.env;
  if (own) return own;
  return join(data && isAbsolute(data) ? data : join(homedir(), '.local', 'share'), 'usta', 'ca');
}

function owner(): string {
  return `${userInfo().username}@${hostname()}`;
}

function unusable(directory: string, error: Error): SystemError {
  const code =
    error instanceof SystemError ? error.code : ((error as NodeJS.ErrnoException).code ?? 'E_CA_DIRECTORY');
  const message = `the directory of the development CA cannot be used: ${error.message}. Name another with USTA_CA_DIRECTORY (now ${directory})`;
  return new SystemError(code, message, { cause: error });
}
