import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import type * as X509 from '@peculiar/asn1-x509';
import { schema, x509 } from './asn1.ts';
import { addressIn, LOCAL_DOMAINS, LOCAL_NETWORKS } from './local-names.ts';

const DAY = 86_400_000;
/** Life of an authority, in days. */
export const AUTHORITY_DAYS = 3650;
/** Life of a leaf, in days. */
export const LEAF_DAYS = 90;

/** Clocks of two machines differ: a certificate is valid from an hour before it was made. */
const BACKDATED = 3_600_000;

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

interface Subject {
  readonly name: X509.Name;
  readonly key: KeyObject;
  readonly days: number;
  readonly from: Date;
  readonly extensions: readonly X509.Extension[];
}

/**
 * Makes a certificate authority that can vouch for this machine and its networks only: the constraint
 * is critical in its certificate, so a stolen key opens nobody's bank.
 *
 * @param owner shown in the lists of trusted authorities, where somebody will meet it years later.
 */
export function createAuthority(owner: string, now: Date = new Date()): KeyPair {
  const key = newKey();
  const name = distinguishedName({
    '2.5.4.10': 'usta development CA',
    '2.5.4.3': `usta development CA ${owner}`.slice(0, 64),
  });
  const extensions = [
    extension(
      x509.id_ce_basicConstraints,
      new x509.BasicConstraints({ cA: true, pathLenConstraint: 0 }),
      true,
    ),
    keyUsage(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign),
    extension(x509.id_ce_nameConstraints, localOnly(), true),
    extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([x509.id_kp_serverAuth])),
    extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyIdentifier(key))),
    extension(x509.id_ce_authorityKeyIdentifier, issuerKey(key)),
  ];
  return certify({ name, key, days: AUTHORITY_DAYS, from: now, extensions }, { name, key });
}

/**
 * Makes a key and a server certificate signed by `authority`.
 *
 * @param names domains and addresses; that they are local is the caller's care and the verifier's check.
 */
export function issue(authority: KeyPair, names: readonly string[], now: Date = new Date()): KeyPair {
  const key = newKey();
  const signer = createPrivateKey(authority.key);
  const issuer = certificateIn(authority.cert).tbsCertificate.subject;
  const name = distinguishedName({ '2.5.4.10': 'usta development certificate' });
  const extensions = [
    extension(x509.id_ce_basicConstraints, new x509.BasicConstraints(), true),
    keyUsage(x509.KeyUsageFlags.digitalSignature),
    extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([x509.id_kp_serverAuth])),
    extension(x509.id_ce_subjectAltName, alternativeNames(names), false),
    extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyIdentifier(key))),
    extension(x509.id_ce_authorityKeyIdentifier, issuerKey(signer)),
  ];
  return certify({ name, key, days: LEAF_DAYS, from: now, extensions }, { name: issuer, key: signer });
}

/** True when the certificate is for exactly these names, in this order. */
export function isFor(cert: string, names: readonly string[]): boolean {
  const { extensions } = certificateIn(cert).tbsCertificate;
  const found = extensions?.find(({ extnID }) => extnID === x509.id_ce_subjectAltName);
  const wanted = Buffer.from(schema.AsnConvert.serialize(alternativeNames(names)));
  return found !== undefined && wanted.equals(Buffer.from(found.extnValue.buffer));
}

function certify(subject: Subject, issuer: { name: X509.Name; key: KeyObject }): KeyPair {
  const signature = new x509.AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' });
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: serialNumber(),
    signature,
    issuer: issuer.name,
    validity: new x509.Validity(validity(subject)),
    subject: subject.name,
    subjectPublicKeyInfo: schema.AsnConvert.parse(publicKeyInfo(subject.key), x509.SubjectPublicKeyInfo),
    extensions: new x509.Extensions([...subject.extensions]),
  });
  const signed = sign('sha256', Buffer.from(schema.AsnConvert.serialize(tbsCertificate)), issuer.key);
  const certificate = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm: signature,
    signatureValue: arrayBuffer(signed),
  });
  return {
    cert: new X509Certificate(Buffer.from(schema.AsnConvert.serialize(certificate))).toString(),
    key: String(subject.key.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** Both ends count (RFC 5280 §4.1.2.5): a life of 90 days ends a second earlier. */
function validity({ from, days }: Subject): X509.IValidityParams {
  const notBefore = new Date(from.getTime() - BACKDATED);
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * DAY - 1000) };
}

/** @see RFC 5280 §4.2.1.10 — Name Constraints */
function localOnly(): X509.NameConstraints {
  const domains = LOCAL_DOMAINS.map((dNSName) => new x509.GeneralName({ dNSName }));
  const networks = LOCAL_NETWORKS.map((iPAddress) => new x509.GeneralName({ iPAddress }));
  const permitted = [...domains, ...networks].map((base) => new x509.GeneralSubtree({ base }));
  return new x509.NameConstraints({ permittedSubtrees: new x509.GeneralSubtrees(permitted) });
}

function alternativeNames(names: readonly string[]): X509.SubjectAlternativeName {
  return new x509.SubjectAlternativeName(
    names.map((name) => new x509.GeneralName(addressIn(name) ? { iPAddress: name } : { dNSName: name })),
  );
}

function distinguishedName(attributes: Record<string, string>): X509.Name {
  return new x509.Name(
    Object.entries(attributes).map(([type, utf8String]) => {
      const value = new x509.AttributeValue({ utf8String });
      return new x509.RelativeDistinguishedName([new x509.AttributeTypeAndValue({ type, value })]);
    }),
  );
}

function extension(extnID: string, value: object, critical = false): X509.Extension {
  return new x509.Extension({
    extnID,
    critical,
    extnValue: new schema.OctetString(schema.AsnConvert.serialize(value)),
  });
}

function keyUsage(flags: number): X509.Extension {
  return extension(x509.id_ce_keyUsage, new x509.KeyUsage(flags), true);
}

function issuerKey(key: KeyObject): X509.AuthorityKeyIdentifier {
  return new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.KeyIdentifier(keyIdentifier(key)) });
}

/** @see RFC 7093 §2, method 1 */
function keyIdentifier(key: KeyObject): ArrayBuffer {
  const { subjectPublicKey } = schema.AsnConvert.parse(publicKeyInfo(key), x509.SubjectPublicKeyInfo);
  return arrayBuffer(createHash('sha256').update(Buffer.from(subjectPublicKey)).digest().subarray(0, 20));
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function publicKeyInfo(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

/** Positive and unguessable (RFC 5280 §4.1.2.2). */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return arrayBuffer(bytes);
}

function certificateIn(cert: string): X509.Certificate {
  return schema.AsnConvert.parse(new X509Certificate(cert).raw, x509.Certificate);
}

function arrayBuffer(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}
