import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TlsOptions } from '../transport/tls-options.ts';
import { finding } from './findings.ts';
import { type Desk, readMaterial } from './key-pair.ts';
import { isCertificate, type PemBlock } from './pem.ts';
import type { SslOptions } from './ssl-options.ts';
import type { PemSource } from './ssl-settings.ts';

/** Reads the files of `ssl` that are neither certificate nor key: authorities, revocations, parameters. */
export function readOtherFiles(options: SslOptions, desk: Desk): Pick<TlsOptions, 'ca' | 'crl' | 'dhparam'> {
  const { cafile, ca = cafile, capath, crl, dhparam = options.dh_param } = options;
  const read = (word: string, source: PemSource, wanted: Wanted): string[] =>
    readBlocks({ word, source, wanted }, desk);
  const authorities = [
    ...listed(ca).flatMap((source) =>
      read(cafile === undefined ? 'ssl.ca' : 'ssl.cafile', source, CERTIFICATES),
    ),
    ...(capath === undefined ? [] : readFolder(capath, desk)),
  ];
  const revoked = listed(crl).flatMap((source) => read('ssl.crl', source, REVOCATIONS));
  const [parameters] = dhparam === undefined ? [] : read('ssl.dhparam', dhparam, PARAMETERS);
  return {
    ...(ca === undefined && capath === undefined ? {} : { ca: authorities }),
    ...(crl === undefined ? {} : { crl: revoked }),
    ...(parameters === undefined ? {} : { dhparam: parameters }),
  };
}

interface Wanted {
  readonly what: string;
  readonly fits: (block: PemBlock) => boolean;
}

const CERTIFICATES: Wanted = { what: 'certificate in PEM form', fits: isCertificate };
const REVOCATIONS: Wanted = {
  what: 'list of revoked certificates in PEM form',
  fits: ({ label }) => label === 'X509 CRL',
};
const PARAMETERS: Wanted = {
  what: 'DH parameters in PEM form',
  fits: ({ label }) => label === 'DH PARAMETERS',
};

function readBlocks(
  { word, source, wanted }: { readonly word: string; readonly source: PemSource; readonly wanted: Wanted },
  desk: Desk,
): string[] {
  const material = readMaterial(word, source, desk);
  if (material === undefined) return [];
  const found = material.blocks.filter(wanted.fits).map(({ text }) => text);
  if (found.length === 0) desk.tell(finding('empty', { file: material.file, wanted: wanted.what }));
  return found;
}

/** What is no certificate in it is left out: such folders hold notes and links too. */
function readFolder(folder: string, desk: Desk): string[] {
  const path = resolve(desk.directory, folder);
  const quiet: Desk = { ...desk, tell: () => {} };
  const found = namesIn(path)
    .filter((name) => /\.(?:pem|crt|cer|\d)$/i.test(name))
    .flatMap((name) =>
      readBlocks({ word: 'ssl.capath', source: join(path, name), wanted: CERTIFICATES }, quiet),
    );
  if (found.length === 0)
    desk.tell(finding('empty', { file: `ssl.capath: ${path}`, wanted: CERTIFICATES.what }));
  return [...new Set(found)];
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

function listed(given: PemSource | readonly PemSource[] | undefined): readonly PemSource[] {
  if (given === undefined) return [];
  return typeof given === 'string' || Buffer.isBuffer(given) ? [given] : given;
}
