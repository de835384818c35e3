import type { Sentence } from './finding.ts';

const SERVICES: readonly { readonly pattern: RegExp; readonly name: Sentence }[] = [
  { pattern: /^SSH-/, name: { en: 'an SSH server', tr: 'bir SSH sunucusu' } },
  { pattern: /^220[ -].*(SMTP|mail)/i, name: { en: 'a mail server', tr: 'bir e-posta sunucusu' } },
  { pattern: /^220[ -]/, name: { en: 'an FTP or mail server', tr: 'bir FTP ya da e-posta sunucusu' } },
  { pattern: /^(\+OK|\* OK)/, name: { en: 'a mailbox server', tr: 'bir posta kutusu sunucusu' } },
  { pattern: /^-(ERR|NOAUTH|DENIED)/, name: { en: 'a Redis server', tr: 'bir Redis sunucusu' } },
  { pattern: /^INFO \{/, name: { en: 'a NATS server', tr: 'bir NATS sunucusu' } },
];

/** Version of its protocol, the first byte after the head of its first packet. */
const MYSQL_PROTOCOL = 10;
const MYSQL: Sentence = { en: 'a MySQL server', tr: 'bir MySQL sunucusu' };

/** Which service speaks like this, when it is none of ours. */
export function serviceOf(bytes: Buffer): Sentence {
  if (bytes[3] === 0 && bytes[4] === MYSQL_PROTOCOL) return MYSQL;
  const text = bytes.toString('latin1', 0, 200);
  const known = SERVICES.find(({ pattern }) => pattern.test(text));
  return known?.name ?? { en: 'something that is not HTTP', tr: 'HTTP olmayan bir şey' };
}

/** An HTTP/2 server begins with its settings. @see RFC 9113 §3.4, §6.5 */
export function isHttp2(bytes: Buffer): boolean {
  return bytes.length >= 9 && bytes[3] === 4 && bytes.readUInt32BE(5) === 0 && bytes.readUIntBE(0, 3) < 1024;
}

/** An answer of HTTP/1. */
export function isHttp(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 7) === 'HTTP/1.';
}

/** A page or text that says: this port speaks TLS, and got plain HTTP. */
export function saysTlsOnly(text: string): boolean {
  return /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled|sent an HTTP request to an HTTPS server|this port speaks TLS|http request to an https/i.test(
    text,
  );
}

/** A TLS record, or an alert: somebody expects TLS. */
export function isTlsRecord(bytes: Buffer): boolean {
  return (bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3;
}
