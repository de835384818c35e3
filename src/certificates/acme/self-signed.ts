import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import type * as X509 from '@peculiar/asn1-x509';
import { schema, x509 } from '../asn1.ts';
import type { KeyPair } from '../authority.ts';

/** `id-pe-acmeIdentifier`. @see RFC 8737 §6.1 */
const ACME_IDENTIFIER = '1.3.6.1.5.5.7.1.31';
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const DAY = 86_400_000;
/** Clocks of two machines differ. */
const BACKDATED = 3_600_000;

/**
 * What is shown to the authority's connection during tls-alpn-01: the domain alone, and the proof in a
 * critical extension, so that no browser ever takes it.
 *
 * @param keyAuthorization token and thumbprint (RFC 8555 §8.1).
 * @see RFC 8737 §3
 */
export function tlsAlpnCertificate(
  domain: string,
  keyAuthorization: string,
  now: number = Date.now(),
): KeyPair {
  const digest = createHash('sha256').update(keyAuthorization).digest();
  const proof = schema.AsnConvert.serialize(new schema.OctetString(digest));
  const identifier = new x509.Extension({
    extnID: ACME_IDENTIFIER,
    critical: true,
    extnValue: new schema.OctetString(proof),
  });
  return selfSigned([domain], [identifier], now);
}

/**
 * What a port is opened with until the first real certificate is there: browsers refuse it, and challenges
 * can be answered.
 */
export function placeholderCertificate(domains: readonly string[], now: number = Date.now()): KeyPair {
  return selfSigned(domains, [], now);
}

function selfSigned(domains: readonly string[], more: readonly X509.Extension[], now: number): KeyPair {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const signature = new x509.AlgorithmIdentifier({ algorithm: ECDSA_SHA256 });
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: serialNumber(),
    signature,
    issuer: commonName('usta, not yet certified'),
    validity: new x509.Validity({ notBefore: new Date(now - BACKDATED), notAfter: new Date(now + 7 * DAY) }),
    subject: commonName('usta, not yet certified'),
    subjectPublicKeyInfo: publicKeyInfo(key),
    extensions: new x509.Extensions([names(domains), ...more]),
  });
  const signed = sign('sha256', Buffer.from(schema.AsnConvert.serialize(tbsCertificate)), key);
  const certificate = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm: signature,
    signatureValue: new Uint8Array(signed).buffer,
  });
  return {
    cert: new X509Certificate(Buffer.from(schema.AsnConvert.serialize(certificate))).toString(),
    key: String(key.export({ type: 'pkcs8', format: 'pem' })),
  };
}

function names(domains: readonly string[]): X509.Extension {
  const value = new x509.SubjectAlternativeName(domains.map((dNSName) => new x509.GeneralName({ dNSName })));
  const extnValue = new schema.OctetString(schema.AsnConvert.serialize(value));
  return new x509.Extension({ extnID: x509.id_ce_subjectAltName, extnValue });
}

function commonName(utf8String: string): X509.Name {
  const value = new x509.AttributeValue({ utf8String });
  const attribute = new x509.AttributeTypeAndValue({ type: '2.5.4.3', value });
  return new x509.Name([new x509.RelativeDistinguishedName([attribute])]);
}

function publicKeyInfo(key: KeyObject): X509.SubjectPublicKeyInfo {
  return schema.AsnConvert.parse(
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    x509.SubjectPublicKeyInfo,
  );
}

/** Positive and unguessable (RFC 5280 §4.1.2.2). */
function serialNumber(): ArrayBuffer {
  const bytes = new Uint8Array(randomBytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.buffer;
}
