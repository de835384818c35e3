import type { Sentence } from './finding.ts';

/** What a TLS server says when it ends a handshake, for those that it says most. @see RFC 8446 §6.2 */
export const ALERTS: Readonly<Record<number, { readonly name: string; readonly meaning: Sentence }>> = {
  0: { name: 'close_notify', meaning: { en: 'it does not want to talk', tr: 'konuşmak istemiyor' } },
  10: {
    name: 'unexpected_message',
    meaning: { en: 'it expected something else at this place', tr: 'bu noktada başka bir şey bekliyordu' },
  },
  40: {
    name: 'handshake_failure',
    meaning: {
      en: 'it found no cipher suite, curve or certificate that both sides have',
      tr: 'iki tarafta da bulunan bir şifre takımı, eğri veya sertifika bulamadı',
    },
  },
  42: { name: 'bad_certificate', meaning: { en: 'our certificate is damaged', tr: 'sertifikamız bozuk' } },
  46: {
    name: 'certificate_unknown',
    meaning: { en: 'it does not accept our certificate', tr: 'sertifikamızı kabul etmiyor' },
  },
  48: {
    name: 'unknown_ca',
    meaning: { en: 'it does not know who signed our certificate', tr: 'sertifikamızı imzalayanı tanımıyor' },
  },
  49: {
    name: 'access_denied',
    meaning: { en: 'its access rules say no', tr: 'erişim kuralları izin vermiyor' },
  },
  50: { name: 'decode_error', meaning: { en: 'it could not read us', tr: 'söylediğimizi okuyamadı' } },
  70: {
    name: 'protocol_version',
    meaning: { en: 'it does not have our TLS versions', tr: 'TLS sürümlerimizi desteklemiyor' },
  },
  71: {
    name: 'insufficient_security',
    meaning: { en: 'it wants stronger cipher suites', tr: 'daha güçlü şifre takımları istiyor' },
  },
  80: {
    name: 'internal_error',
    meaning: {
      en: 'something is wrong on its side, often a certificate or key that it cannot load',
      tr: 'kendi tarafında bir sorun var; çoğu kez yükleyemediği bir sertifika veya anahtar',
    },
  },
  112: {
    name: 'unrecognized_name',
    meaning: { en: 'it has no certificate for this name', tr: 'bu ad için sertifikası yok' },
  },
  116: {
    name: 'certificate_required',
    meaning: { en: 'it wants a client certificate', tr: 'istemci sertifikası istiyor' },
  },
  120: {
    name: 'no_application_protocol',
    meaning: { en: 'it does not speak HTTP/1.1 here', tr: 'burada HTTP/1.1 konuşmuyor' },
  },
};

/** The number of the alert that ended a connection, from the bytes as they came or from OpenSSL's words. */
export function alertIn(received: Buffer, error: string): number | undefined {
  const told = /SSL alert number (\d+)/.exec(error)?.[1];
  if (told !== undefined) return Number(told);
  return isAlert(received) ? received[6] : undefined;
}

/** A TLS record that holds an alert in the clear. @see RFC 8446 §5.1 */
export function isAlert(bytes: Buffer): boolean {
  return bytes[0] === 0x15 && bytes[1] === 3 && bytes.length >= 7 && bytes.readUInt16BE(3) === 2;
}
