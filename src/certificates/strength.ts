import type { Certificate, KeyKind } from './certificate.ts';
import type { ChainFinding } from './chain.ts';

/** What browsers verify signatures of; other curves only some clients know. */
const COMMON_CURVES = ['prime256v1', 'secp384r1'];

/** Signature algorithms whose hash can be forged (RFC 9155), by object identifier. */
const FORGEABLE: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'MD2 with RSA',
  '1.2.840.113549.1.1.3': 'MD4 with RSA',
  '1.2.840.113549.1.1.4': 'MD5 with RSA',
  '1.2.840.113549.1.1.5': 'SHA-1 with RSA',
  '1.3.14.3.2.29': 'SHA-1 with RSA',
  '1.2.840.10045.4.1': 'SHA-1 with ECDSA',
  '1.2.840.10040.4.3': 'SHA-1 with DSA',
};

const RSA_PSS = '1.2.840.113549.1.1.10';
/** 2.16.840.1.101.3.4.2, under which the SHA-2 and SHA-3 hashes are: its encoding. */
const NIST_HASHES = Buffer.from('6086480165030402', 'hex');

/** What is weak about the key of a certificate and the signature on it. */
export function strengthOf(certificate: Certificate): ChainFinding[] {
  const { subject } = certificate;
  const findings: ChainFinding[] = [];
  const key = keyProblem(certificate.key);
  if (key) {
    const detail = { key: keyText(certificate.key), problem: key.problem };
    findings.push({ code: 'weak-key', severity: key.severity, subject, detail });
  }
  const algorithm = forgeable(certificate);
  // Nobody relies on the signature that an authority makes under itself.
  if (algorithm && !certificate.isSelfSigned) {
    findings.push({ code: 'weak-signature', severity: 'fault', subject, detail: { algorithm } });
  }
  return findings;
}

/** `RSA 2048 bits`, `EC prime256v1`. */
export function keyText({ type, bits, curve }: KeyKind): string {
  if (curve !== undefined) return `EC ${curve}`;
  return bits > 0 ? `${type.toUpperCase()} ${bits} bits` : type;
}

function keyProblem({
  type,
  bits,
  curve,
}: KeyKind): { readonly severity: 'fault' | 'warning'; readonly problem: 'short' | 'uncommon' } | undefined {
  if (type === 'unknown' || type === 'dsa') return { severity: 'fault', problem: 'uncommon' };
  if (type === 'rsa' || type === 'rsa-pss') {
    if (bits < 2048) return { severity: 'fault', problem: 'short' };
  } else if (curve !== undefined && bits > 0 && bits < 224) return { severity: 'fault', problem: 'short' };
  const common = type === 'rsa' || (curve !== undefined && COMMON_CURVES.includes(curve));
  return common ? undefined : { severity: 'warning', problem: 'uncommon' };
}

function forgeable({ signatureAlgorithm, signatureParameters }: Certificate): string | undefined {
  if (signatureAlgorithm !== RSA_PSS) return FORGEABLE[signatureAlgorithm];
  // Without a word about it the hash is SHA-1 (RFC 4055 §3.1).
  return signatureParameters.includes(NIST_HASHES) ? undefined : 'SHA-1 with RSA-PSS';
}
