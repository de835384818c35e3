import { type KeyObject, X509Certificate } from 'node:crypto';
import type * as X509 from '@peculiar/asn1-x509';
import { schema, x509 } from './asn1.ts';
import { addressIn } from './local-names.ts';

/** Names longer than this are cut where a person reads them. */
const MAX_SHOWN = 200;

/** What the public key of a certificate is. */
export interface KeyKind {
  /** Node's word: `rsa`, `ec`, `ed25519`, … or `unknown`. */
  readonly type: string;
  /** Of an RSA or DSA modulus, or of a curve; 0 where it is not known. */
  readonly bits: number;
  /** Of an EC key: OpenSSL's name of the curve. */
  readonly curve?: string;
}

/**
 * One certificate, as far as it can be read. Nobody has vouched for it, so nothing that it says makes
 * any member throw; what cannot be read is empty.
 */
export class Certificate {
  readonly der: Buffer;
  /** One line for a person: the common name, else the organization, else the first name it is for. */
  readonly subject: string;
  /** The same of who signed it. */
  readonly issuer: string;
  /** The whole distinguished names: equal text, equal name. */
  readonly subjectName: string;
  readonly issuerName: string;
  /** Host names and addresses it is for (RFC 9525 §6.1): its alternative names, never its common name. */
  readonly names: readonly string[];
  /** Milliseconds since 1970; NaN when unreadable. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SHA-256 of it, as OpenSSL prints it. */
  readonly fingerprint: string;
  /** Basic constraints say so (RFC 5280 §4.2.1.9). */
  readonly isAuthority: boolean;
  /** Where the certificate of its issuer can be had (RFC 5280 §4.2.2.1). */
  readonly issuerUrl: string | undefined;
  readonly #x509: X509Certificate;
  readonly #fields: X509.Certificate | undefined;

  /** @throws {Error} from OpenSSL, when it is no certificate at all. */
  constructor(der: Buffer | string) {
    this.#x509 = new X509Certificate(der);
    this.#fields = parsed(this.#x509.raw);
    this.der = this.#x509.raw;
    this.subjectName = this.#x509.subject ?? '';
    this.issuerName = this.#x509.issuer ?? '';
    this.names = namesIn(this.#x509.subjectAltName ?? '');
    this.subject = spoken(this.subjectName) || this.names[0] || `serial ${this.#x509.serialNumber}`;
    this.issuer = spoken(this.issuerName) || 'an authority without a name';
    this.notBefore = Date.parse(this.#x509.validFrom);
    this.notAfter = Date.parse(this.#x509.validTo);
    this.fingerprint = this.#x509.fingerprint256;
    this.isAuthority = this.#x509.ca;
    this.issuerUrl = /^CA Issuers - URI:(https?:\/\/[\x21-\x7e]{1,500})$/m.exec(
      this.#x509.infoAccess ?? '',
    )?.[1];
  }

  /** @returns `undefined` when it is no certificate. */
  static read(der: Buffer | string): Certificate | undefined {
    try {
      return new Certificate(der);
    } catch {
      return undefined;
    }
  }

  get pem(): string {
    return this.#x509.toString();
  }

  get publicKey(): KeyObject | undefined {
    return orNothing(() => this.#x509.publicKey);
  }

  get key(): KeyKind {
    const key = this.publicKey;
    const { modulusLength, namedCurve } = key?.asymmetricKeyDetails ?? {};
    const type = key?.asymmetricKeyType ?? 'unknown';
    if (namedCurve === undefined) return { type, bits: modulusLength ?? 0 };
    return { type, bits: Number(/\d{3}/.exec(namedCurve)?.[0] ?? 0), curve: namedCurve };
  }

  /** Whether or not it may sign others. */
  get isSelfSigned(): boolean {
    return this.issuerName === this.subjectName && this.#verifies(this);
  }

  /** Object identifier of the signature on it; `''` when unreadable. */
  get signatureAlgorithm(): string {
    return this.#fields?.signatureAlgorithm.algorithm ?? '';
  }

  get signatureParameters(): Buffer {
    return Buffer.from(this.#fields?.signatureAlgorithm.parameters ?? new ArrayBuffer(0));
  }

  /** Object identifiers of what its key is for (RFC 5280 §4.2.1.12); `undefined`: anything. */
  get purposes(): readonly string[] | undefined {
    return this.#x509.keyUsage;
  }

  /** Whether its key may sign a handshake (RFC 5280 §4.2.1.3), which every suite with forward secrecy needs. */
  get maySignHandshakes(): boolean {
    const usage = this.#extension(x509.id_ce_keyUsage);
    if (usage === undefined) return true;
    const flags = orNothing(() => schema.AsnConvert.parse(usage, x509.KeyUsage).toNumber());
    return flags !== undefined && (flags & x509.KeyUsageFlags.digitalSignature) !== 0;
  }

  /** Named as its issuer, and the signature is right. */
  isSignedBy(other: Certificate): boolean {
    const named = this.issuerName === other.subjectName && this.#x509.checkIssued(other.#x509);
    return named && this.#verifies(other);
  }

  /** @param key a private key. */
  belongsTo(key: KeyObject): boolean {
    return orNothing(() => this.#x509.checkPrivateKey(key)) ?? false;
  }

  /**
   * Whether it is for this host: a wildcard stands for one whole label, the common name for nothing.
   *
   * @param name a host name, in Unicode or not, or an address.
   * @see RFC 9525 §6.3 — Matching the DNS Domain Name Portion
   */
  isFor(name: string): boolean {
    const address = addressIn(name);
    if (address !== undefined) return orNothing(() => this.#x509.checkIP(address)) !== undefined;
    const host = hostIn(name);
    const options = { subject: 'never', partialWildcards: false } as const;
    return host !== '' && orNothing(() => this.#x509.checkHost(host, options)) !== undefined;
  }

  #verifies(signer: Certificate): boolean {
    const key = signer.publicKey;
    return key !== undefined && (orNothing(() => this.#x509.verify(key)) ?? false);
  }

  #extension(id: string): ArrayBuffer | undefined {
    return this.#fields?.tbsCertificate.extensions?.find(({ extnID }) => extnID === id)?.extnValue.buffer;
  }
}

/** Text that somebody else chose, fit for one line on a terminal. */
export function printable(text: string): string {
  const shown = text.replace(/\p{C}/gu, '?');
  return shown.length <= MAX_SHOWN ? shown : `${shown.slice(0, MAX_SHOWN - 1)}…`;
}

/** A host name as it stands in certificates: A-labels, lower case, without the root's dot. */
function hostIn(name: string): string {
  const plain = name.toLowerCase().replace(/\.$/, '');
  if (plain.startsWith('.')) return '';
  if (/^[\x21-\x7e]*$/.test(plain)) return plain;
  return URL.canParse(`http://${plain}/`) ? new URL(`http://${plain}/`).hostname : '';
}

function parsed(der: Buffer): X509.Certificate | undefined {
  return orNothing(() => schema.AsnConvert.parse(der, x509.Certificate));
}

/** Node prints them as `DNS:a, IP Address:1.2.3.4`, and as a JSON string what could be mistaken for that. */
function namesIn(text: string): string[] {
  const entries = text.matchAll(/(?:(DNS|IP Address)|[^:,"]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gs);
  return [...entries].flatMap(([, kind, value = '']) => {
    if (kind === undefined) return [];
    return [printable(kind === 'DNS' ? value : (addressIn(value) ?? value))];
  });
}

/** @param name as Node prints it: an attribute a line, `,` and the like escaped. */
function spoken(name: string): string {
  const value = (attribute: string): string | undefined =>
    name
      .split('\n')
      .findLast((line) => line.startsWith(`${attribute}=`))
      ?.slice(attribute.length + 1);
  const text = value('CN') ?? value('O') ?? value('OU') ?? name.split('\n').at(-1) ?? '';
  return printable(text.replace(/\\([^0-9A-Fa-f])/g, '$1'));
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
