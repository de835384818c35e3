import {
  createHash,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import type { KeyPair } from '../../../src/certificates/authority.ts';
import { valueIn, valuesIn } from './der.ts';

/** What a request asks for. */
export interface Requested {
  /** DER. */
  readonly publicKey: Buffer;
  readonly names: readonly string[];
}

export interface Leaf extends Requested {
  readonly issuer: KeyPair;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Reads a certification request and checks its signature. @see RFC 2986 §4 */
export function requestIn(der: Buffer): Requested {
  const info = valueIn(der, 0, 0).whole;
  const publicKey = valueIn(info, 0, 2).whole;
  const signature = valueIn(der, 0, 2).content.subarray(1);
  const key = createPublicKey({ key: publicKey, type: 'spki', format: 'der' });
  if (!verify('sha256', info, key, signature)) throw new Error('the request is not signed with its key');
  const attribute = valueIn(info, 0, 3, 0).content;
  const extension = valueIn(attribute, 1, 0, 0).content;
  return { publicKey, names: namesIn(valueIn(extension, 1, 0).content) };
}

/** A certificate as a public authority gives it, PEM. */
export function certificate({ issuer, publicKey, names, notBefore, notAfter }: Leaf): string {
  const above = AsnConvert.parse(new X509Certificate(issuer.cert).raw, x509.Certificate).tbsCertificate;
  const keyIdentifier = new x509.KeyIdentifier(
    createHash('sha1').update(Buffer.from(above.subjectPublicKeyInfo.subjectPublicKey)).digest(),
  );
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' });
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: new Uint8Array([0, 0x80 | randomBytes(1).readUInt8(), ...randomBytes(8)]).buffer,
    signature: algorithm,
    issuer: above.subject,
    validity: new x509.Validity({ notBefore: new Date(notBefore), notAfter: new Date(notAfter) }),
    subject: new x509.Name([]),
    subjectPublicKeyInfo: AsnConvert.parse(publicKey, x509.SubjectPublicKeyInfo),
    extensions: new x509.Extensions([
      extension(
        x509.id_ce_subjectAltName,
        new x509.SubjectAlternativeName(names.map((dNSName) => new x509.GeneralName({ dNSName }))),
      ),
      ...keyIdentifierOf(above, keyIdentifier),
    ]),
  });
  const signed = sign(
    'sha256',
    Buffer.from(AsnConvert.serialize(tbsCertificate)),
    createPrivateKey(issuer.key),
  );
  const whole = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: new Uint8Array(signed).buffer,
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(whole))).toString();
}

/** The issuer's own name for its key, so that the two match. */
function keyIdentifierOf(above: x509.TBSCertificate, otherwise: x509.KeyIdentifier): x509.Extension[] {
  const own = above.extensions?.find(({ extnID }) => extnID === x509.id_ce_subjectKeyIdentifier);
  const keyIdentifier = own
    ? new x509.KeyIdentifier(AsnConvert.parse(own.extnValue, x509.SubjectKeyIdentifier).buffer)
    : otherwise;
  return [extension(x509.id_ce_authorityKeyIdentifier, new x509.AuthorityKeyIdentifier({ keyIdentifier }))];
}

function extension(extnID: string, value: object): x509.Extension {
  return new x509.Extension({ extnID, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** @see RFC 5280 §4.2.1.6: dNSName is [2] */
function namesIn(list: Buffer): string[] {
  return valuesIn(list)
    .filter(({ tag }) => tag === 0x82)
    .map(({ content }) => content.toString('latin1'));
}
