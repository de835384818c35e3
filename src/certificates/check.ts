import { dirname } from 'node:path';
import process from 'node:process';
import { rootCertificates } from 'node:tls';
import type { TlsOptions } from '../transport/tls-options.ts';
import type { Certificate } from './certificate.ts';
import { examineChain } from './chain.ts';
import { readOtherFiles } from './client-files.ts';
import { type ClientRule, clientRule } from './client-rule.ts';
import { type CertificateFinding, finding, findingInChain } from './findings.ts';
import { type Desk, type Pair, readPair, type Tell } from './key-pair.ts';
import { byPattern, readNamedPairs } from './server-names.ts';
import { idleWords, proveWords } from './ssl-grammar.ts';
import type { SslOptions } from './ssl-options.ts';
import { tlsSettings } from './tls-settings.ts';
import { secretOf, tryOut } from './try-out.ts';

export interface CheckContext {
  /** Names that clients will use, besides `ssl.names`. */
  readonly names?: readonly string[];
  readonly now?: Date;
  /** Authorities that clients trust, PEM; by default Node's. Those of `cafile` are trusted too. */
  readonly roots?: readonly string[];
  /** What relative file names are relative to; by default the folder of the script. */
  readonly directory?: string;
  /** Files are called by their path alone, and a certificate without a key will do. */
  readonly filesOnly?: boolean;
}

/** What was found, the worst first. */
export interface CertificateReport {
  readonly findings: readonly CertificateFinding[];
  /** As it would be sent, the server's own first; empty when it could not be read. */
  readonly chain: readonly Certificate[];
}

/** A report, and what can be served. */
export interface Inspection extends CertificateReport {
  readonly tls: TlsOptions;
  readonly byName: ReadonlyMap<string, Pair>;
  readonly clients: ClientRule | undefined;
}

/**
 * Reads what `ssl` names and says what is wrong with it. Nobody is asked for anything, and nothing listens.
 *
 * @throws {UsageError} a word of `ssl` is unknown, its value of the wrong type, or another word is against it.
 */
export function checkCertificate(options: SslOptions, context: CheckContext = {}): CertificateReport {
  const { findings, chain } = inspectCertificate(options, context);
  return { findings, chain };
}

/** @throws {UsageError} as {@link checkCertificate}. */
export function inspectCertificate(options: SslOptions, context: CheckContext = {}): Inspection {
  proveWords(options);
  const clients = clientRule(options);
  const findings: CertificateFinding[] = [];
  const tell: Tell = (found) => findings.push(found);
  const { directory = dirname(process.argv[1] ?? '.'), filesOnly = false } = context;
  const desk: Desk = { directory, tell, filesOnly };
  const pair = readOwnPair(options, desk);
  const named = readNamedPairs(options, desk);
  const tls = { ...tlsSettings(options), ...readOtherFiles(options, desk) };

  const pairs = [
    ...(pair ? [{ pair, patterns: [...(options.names ?? []), ...(context.names ?? [])] }] : []),
    ...named,
  ];
  const roots = rootsOf(tls, context);
  for (const one of pairs) {
    const {
      pair: { chain, file },
      patterns: names,
    } = one;
    const found = examineChain(
      chain.map(({ der }) => der),
      { ...context, names, roots },
    );
    for (const each of found) tell(findingInChain(each, file));
  }
  if (!findings.some(({ stops }) => stops)) for (const one of pairs) tryOut(one.pair, tls, findings);
  tellAside(options, tls, tell);
  return {
    findings: findings.sort((one, other) => weight(other) - weight(one)),
    chain: pair?.chain ?? [],
    tls: { ...tls, ...(pair ? secretOf(pair) : {}) },
    byName: byPattern(named),
    clients,
  };
}

function readOwnPair(options: SslOptions, desk: Desk): Pair | undefined {
  const cert = options.local_cert ?? options.cert;
  const key = options.local_pk ?? options.key;
  if (cert === undefined) {
    desk.tell(finding('no-certificate'));
    return undefined;
  }
  const words = {
    cert: options.local_cert === undefined ? 'ssl.cert' : 'ssl.local_cert',
    key: options.key === undefined ? 'ssl.local_pk' : 'ssl.key',
  };
  return readPair({ cert, key, passphrase: options.passphrase, words }, desk);
}

/** Whoever names an authority of his own has clients that know it. */
function rootsOf({ ca }: TlsOptions, { roots = rootCertificates }: CheckContext): readonly string[] {
  return Array.isArray(ca) ? [...roots, ...ca.map(String)] : roots;
}

function tellAside(options: SslOptions, tls: TlsOptions, tell: Tell): void {
  if (tls.requestCert && tls.rejectUnauthorized && tls.ca === undefined) tell(finding('any-client'));
  for (const { word, reason } of idleWords(options)) tell(finding('idle-word', { word, reason }));
}

function weight({ stops, severity }: CertificateFinding): number {
  return (stops ? 2 : 0) + (severity === 'fault' ? 1 : 0);
}
