import { createPrivateKey, type KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { Certificate } from './certificate.ts';
import { type CertificateCode, type CertificateFinding, finding } from './findings.ts';
import { isCertificate, isEncrypted, isPrivateKey, type PemBlock, pemBlocks } from './pem.ts';
import { readSmallFile } from './small-file.ts';
import type { PemSource } from './ssl-settings.ts';

/** PEM text, and how to speak of where it came from. */
export interface Material {
  /** `ssl.local_cert: /etc/ssl/server.pem`. */
  readonly file: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly blocks: readonly PemBlock[];
  /** Rights on the file; `undefined` where there is no file. */
  readonly mode?: number;
}

/** Where certificate and key are. */
export interface PairSource {
  readonly cert: PemSource;
  /** Without it the key is expected in `cert`. */
  readonly key?: PemSource | undefined;
  readonly passphrase?: string | undefined;
  /** How the two are called: `ssl.local_cert`. */
  readonly words: { readonly cert: string; readonly key: string };
}

/** A certificate and the key that was proved to be its. */
export interface Pair {
  readonly file: string;
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string;
  readonly chain: readonly Certificate[];
}

export type Tell = (finding: CertificateFinding) => void;

/** Reads PEM from a file or from what was given, and tells why it cannot. */
export function readMaterial(
  word: string,
  source: PemSource,
  { directory, tell, filesOnly = false }: Desk,
): Material | undefined {
  const before = filesOnly ? '' : `${word}: `;
  if (typeof source !== 'string' || source.includes('-----BEGIN')) {
    const bytes = Buffer.from(source);
    return {
      file: `${before}the PEM text`,
      path: 'FILE',
      bytes,
      blocks: pemBlocks(bytes.toString('latin1')),
    };
  }
  const path = resolve(directory, source);
  const read = readSmallFile(path);
  const file = `${before}${path}`;
  if ('fault' in read) {
    const relative = path === source ? '' : `a relative name is relative to ${directory}`;
    tell(finding(read.fault, { ...read.detail, file, hint: read.detail.hint || relative }));
    return undefined;
  }
  return { file, path, bytes: read.bytes, blocks: pemBlocks(read.bytes.toString('latin1')), mode: read.mode };
}

/** Reads the certificates of a file, whatever else is in it. */
export function readChain(source: PemSource, desk: Desk): Certificate[] | undefined {
  const material = readMaterial('ssl.local_cert', source, desk);
  return material && chainIn(material, material, desk.tell);
}

/** Where names of files are relative to, and who hears what is found. */
export interface Desk {
  readonly directory: string;
  readonly tell: Tell;
  /** Files are called by their path alone, and a certificate without a key will do. */
  readonly filesOnly?: boolean;
}

/** Reads a certificate and its key and proves that they belong together. */
export function readPair(source: PairSource, desk: Desk): Pair | undefined {
  const cert = readMaterial(source.words.cert, source.cert, desk);
  const apart = source.key !== undefined && source.key !== source.cert;
  const key = apart && source.key !== undefined ? readMaterial(source.words.key, source.key, desk) : cert;
  if (cert === undefined || key === undefined) return undefined;
  const chain = chainIn(cert, key, desk.tell);
  if (chain === undefined) return undefined;
  const { passphrase } = source;
  const pair = { file: cert.file, cert: chain.map(({ pem }) => pem).join(''), chain };
  if (desk.filesOnly && !apart && !key.blocks.some(isPrivateKey)) return { ...pair, key: '' };
  const proved = keyIn({ key, cert, apart, passphrase }, chain, desk.tell);
  if (proved === undefined) return undefined;
  return {
    ...pair,
    key: proved.text,
    ...(isEncrypted(proved) && passphrase !== undefined ? { passphrase } : {}),
  };
}

function chainIn(cert: Material, key: Material, tell: Tell): Certificate[] | undefined {
  const blocks = cert.blocks.filter(isCertificate);
  if (blocks.length === 0) {
    const swapped = key !== cert && cert.blocks.some(isPrivateKey) && key.blocks.some(isCertificate);
    if (swapped) tell(finding('swapped', { file: cert.file, other: key.path }));
    else tell(notPem(cert, 'x509'));
    return undefined;
  }
  const chain = blocks.map(({ text }) => Certificate.read(text));
  const bad = chain.indexOf(undefined);
  if (bad < 0) return chain.filter((one) => one !== undefined);
  tell(finding('damaged', { file: cert.file, position: String(bad + 1) }));
  return undefined;
}

interface KeyQuestion {
  readonly key: Material;
  readonly cert: Material;
  /** It has a file of its own. */
  readonly apart: boolean;
  readonly passphrase: string | undefined;
}

function keyIn(question: KeyQuestion, chain: readonly Certificate[], tell: Tell): PemBlock | undefined {
  const { key, cert, apart, passphrase } = question;
  const block = key.blocks.find(isPrivateKey);
  if (block === undefined) {
    tell(notPem(key, 'pkey'));
    return undefined;
  }
  const opened = open(block, passphrase);
  if ('fault' in opened) {
    tell(finding(opened.fault, { file: key.file, path: key.path, reason: opened.reason }));
    return undefined;
  }
  // Who may read the file may be the other side's business: it is served all the same.
  if (key.mode !== undefined && key.mode & 0o004) {
    tell(
      finding('key-open', { file: key.file, path: key.path, mode: key.mode.toString(8).padStart(4, '0') }),
    );
  }
  if (chain[0]?.belongsTo(opened.object)) return block;
  const own = chain.findIndex((one) => one.belongsTo(opened.object));
  if (own > 0) tell(wrongOrder(chain, own, cert.file));
  else tell(finding('key-mismatch', { file: key.file, other: apart ? cert.path : 'the certificate in it' }));
  return undefined;
}

/** The server's own certificate is not the first: nothing can be served. */
function wrongOrder(chain: readonly Certificate[], own: number, file: string): CertificateFinding {
  const right = [chain[own], ...chain.filter((_one, index) => index !== own)];
  const inOrder = (list: readonly (Certificate | undefined)[]): string =>
    list.map((one) => one?.subject).join(' → ');
  return { ...finding('wrong-order', { file, sent: inOrder(chain), right: inOrder(right) }), stops: true };
}

type Opened = { readonly object: KeyObject } | { readonly fault: CertificateCode; readonly reason: string };

/** A passphrase is always given, if an empty one: nobody is to be asked. */
function open(block: PemBlock, passphrase: string | undefined): Opened {
  const encrypted = isEncrypted(block);
  if (encrypted && passphrase === undefined) return { fault: 'key-encrypted', reason: '' };
  try {
    return { object: createPrivateKey({ key: block.text, passphrase: passphrase ?? '' }) };
  } catch (error) {
    return { fault: encrypted ? 'wrong-passphrase' : 'key-damaged', reason: (error as Error).message };
  }
}

function notPem(material: Material, command: 'x509' | 'pkey'): CertificateFinding {
  const { file, path, bytes } = material;
  if (isArchive(bytes)) return finding('pkcs12', { file, path });
  const der = command === 'x509' ? Certificate.read(bytes) !== undefined : isDerKey(bytes);
  if (der && material.blocks.length === 0) return finding('der', { file, path, command });
  return finding(command === 'x509' ? 'not-pem' : 'no-key', { file, found: foundIn(material) });
}

function isDerKey(bytes: Buffer): boolean {
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) => {
    try {
      return createPrivateKey({ key: bytes, format: 'der', type, passphrase: '' }).type === 'private';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_OSSL_BAD_DECRYPT';
    }
  });
}

/** A SEQUENCE that begins with the INTEGER 3. @see RFC 7292 §4 — PFX PDU Syntax */
function isArchive(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 8).toString('hex');
  return /^30(?:[0-7].|80|81..|82.{4}|83.{6})020103/.test(head);
}

function foundIn({ bytes, blocks }: Material): string {
  const [first] = blocks;
  if (first) return `a ${first.label.toLowerCase()}`;
  if (bytes.length === 0) return 'nothing';
  return bytes.includes('-----BEGIN ') ? 'a block that is cut off' : 'something else';
}
