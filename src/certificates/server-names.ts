import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { finding } from './findings.ts';
import { type Desk, type Pair, type PairSource, readPair } from './key-pair.ts';
import type { SslOptions } from './ssl-options.ts';
import type { NamedPair, PemSource } from './ssl-settings.ts';

const CERTIFICATE = 'fullchain.pem';
const KEY = 'privkey.pem';

/** A pair, and the names it was meant for. */
export interface MeantPair {
  readonly pair: Pair;
  /** As in certificates: `*.domain.com` stands for one label. */
  readonly patterns: readonly string[];
}

/** Reads the pairs of `SNI_server_certs`: the table's, each for its name; the folder's, each for the names in it. */
export function readNamedPairs(options: SslOptions, desk: Desk): MeantPair[] {
  const { SNI_server_certs: given, SNI_enabled: enabled = true } = options;
  if (given === undefined || !enabled) return [];
  if (typeof given === 'string') return fromFolder(given, desk);
  return Object.entries(given).flatMap(([name, value]) => {
    const pair = readPair(tableSource(name, value), desk);
    return pair ? [{ pair, patterns: [name.toLowerCase()] }] : [];
  });
}

/**
 * The pair for the name that a client asks for: its own, else that of a wildcard in place of the first label.
 *
 * @param name as in the handshake; case does not count.
 */
export function pairFor<T>(byName: ReadonlyMap<string, T>, name: string): T | undefined {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  const dot = wanted.indexOf('.');
  return byName.get(wanted) ?? (dot > 0 ? byName.get(`*${wanted.slice(dot)}`) : undefined);
}

/** Of two pairs with one name, that counts whose folder is called so, else the one that lives longer. */
export function byPattern(pairs: readonly MeantPair[]): Map<string, Pair> {
  const found = new Map<string, Pair>();
  for (const { pair, patterns } of pairs) {
    for (const pattern of patterns) {
      const before = found.get(pattern);
      if (before === undefined || rank(pair, pattern) > rank(before, pattern)) found.set(pattern, pair);
    }
  }
  return found;
}

function rank({ file, chain }: Pair, pattern: string): number {
  const own = basename(resolve(file, '..')) === pattern;
  return own ? Number.POSITIVE_INFINITY : (chain[0]?.notAfter ?? 0);
}

function tableSource(name: string, value: PemSource | NamedPair): PairSource {
  const word = `ssl.SNI_server_certs['${name}']`;
  if (typeof value === 'string' || Buffer.isBuffer(value))
    return { cert: value, words: { cert: word, key: word } };
  const { local_cert: cert, local_pk: key, passphrase } = value as NamedPair;
  return { cert, key, passphrase, words: { cert: `${word}.local_cert`, key: `${word}.local_pk` } };
}

function fromFolder(folder: string, desk: Desk): MeantPair[] {
  const path = resolve(desk.directory, folder);
  const word = 'ssl.SNI_server_certs';
  const names = foldersIn(path);
  if (names.length === 0) {
    desk.tell(
      finding('empty', { file: `${word}: ${path}`, wanted: `folders with ${CERTIFICATE} and ${KEY}` }),
    );
  }
  return names.flatMap((name) => {
    const [cert, key] = [join(path, name, CERTIFICATE), join(path, name, KEY)];
    const pair = readPair({ cert, key, words: { cert: word, key: word } }, desk);
    return pair ? [{ pair, patterns: pair.chain[0]?.names ?? [] }] : [];
  });
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path)
      .filter((name) => existsSync(join(path, name, CERTIFICATE)))
      .sort();
  } catch {
    return [];
  }
}
