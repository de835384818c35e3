import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type * as X509 from '@peculiar/asn1-x509';
import { schema, x509 } from '../asn1.ts';

export type KeyType = 'ecdsa' | 'rsa';

/** PKCS #9 `extensionRequest`. @see RFC 2985 §5.4.2 */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const RSA_SHA256 = '1.2.840.113549.1.1.11';
/** DER of NULL, which RSA's identifier carries. @see RFC 4055 §5 */
const NULL = Uint8Array.of(0x05, 0x00).buffer;

/** @see RFC 2986 §4 — Certification Request Syntax */
function requestShape() {
  const { AsnProp, AsnPropTypes, AsnType, AsnTypeTypes } = schema;

  class RequestInfo {
    version = 0;
    subject: X509.Name = new x509.Name([]);
    subjectPublicKeyInfo: X509.SubjectPublicKeyInfo = new x509.SubjectPublicKeyInfo();
    attributes: X509.Attribute[] = [];
  }
  AsnType({ type: AsnTypeTypes.Sequence })(RequestInfo);
  AsnProp({ type: AsnPropTypes.Integer })(RequestInfo.prototype, 'version');
  AsnProp({ type: x509.Name })(RequestInfo.prototype, 'subject');
  AsnProp({ type: x509.SubjectPublicKeyInfo })(RequestInfo.prototype, 'subjectPublicKeyInfo');
  AsnProp({ type: x509.Attribute, repeated: 'set', context: 0, implicit: true })(
    RequestInfo.prototype,
    'attributes',
  );

  class Request {
    info = new RequestInfo();
    algorithm = new x509.AlgorithmIdentifier();
    signature = new ArrayBuffer(0);
  }
  AsnType({ type: AsnTypeTypes.Sequence })(Request);
  AsnProp({ type: RequestInfo })(Request.prototype, 'info');
  AsnProp({ type: x509.AlgorithmIdentifier })(Request.prototype, 'algorithm');
  AsnProp({ type: AsnPropTypes.BitString })(Request.prototype, 'signature');
  return Request;
}

let shape: ReturnType<typeof requestShape> | undefined;

/** @returns a fresh private key, PEM: EC P-256, or RSA with 2048 bits. */
export async function newCertificateKey(type: KeyType): Promise<string> {
  const make = promisify(generateKeyPair);
  const pair = type === 'rsa' ? make('rsa', { modulusLength: 2048 }) : make('ec', { namedCurve: 'P-256' });
  return String((await pair).privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/**
 * Asks for a certificate for `domains` and the key: PKCS #10, DER. The names stand in the extension alone,
 * the subject is empty.
 *
 * @param key private key, PEM.
 * @see RFC 8555 §7.4
 */
export function certificateRequest(key: string, domains: readonly string[]): Buffer {
  const privateKey = createPrivateKey(key);
  shape ??= requestShape();
  const request = new shape();
  request.info.subjectPublicKeyInfo = publicKeyInfo(privateKey);
  request.info.attributes = [
    new x509.Attribute({ type: EXTENSION_REQUEST, values: [schema.AsnConvert.serialize(namesOf(domains))] }),
  ];
  request.algorithm = signatureAlgorithm(privateKey);
  const signed = sign('sha256', Buffer.from(schema.AsnConvert.serialize(request.info)), privateKey);
  request.signature = new Uint8Array(signed).buffer;
  return Buffer.from(schema.AsnConvert.serialize(request));
}

function namesOf(domains: readonly string[]): X509.Extensions {
  const names = new x509.SubjectAlternativeName(domains.map((dNSName) => new x509.GeneralName({ dNSName })));
  const extnValue = new schema.OctetString(schema.AsnConvert.serialize(names));
  return new x509.Extensions([new x509.Extension({ extnID: x509.id_ce_subjectAltName, extnValue })]);
}

function signatureAlgorithm(key: KeyObject): X509.AlgorithmIdentifier {
  return key.asymmetricKeyType === 'rsa'
    ? new x509.AlgorithmIdentifier({ algorithm: RSA_SHA256, parameters: NULL })
    : new x509.AlgorithmIdentifier({ algorithm: ECDSA_SHA256 });
}

function publicKeyInfo(key: KeyObject): X509.SubjectPublicKeyInfo {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return schema.AsnConvert.parse(der, x509.SubjectPublicKeyInfo);
}
