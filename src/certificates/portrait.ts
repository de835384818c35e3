import { rootCertificates } from 'node:tls';
import type { Certificate } from './certificate.ts';
import { findPath } from './path.ts';
import { rootStore } from './root-store.ts';
import { keyText } from './strength.ts';

const DAY = 86_400_000;

/** What a person wants to know of one certificate, by name. */
export function portrait(
  certificate: Certificate,
  now: Date = new Date(),
): (readonly [what: string, text: string])[] {
  const { subject, issuer, names, notBefore, notAfter, key, fingerprint } = certificate;
  return [
    ['subject', subject],
    ['names', names.length > 0 ? names.join(', ') : 'none'],
    ['issuer', certificate.isSelfSigned ? 'itself' : issuer],
    ['valid', `${minute(notBefore)} to ${minute(notAfter)}, ${leftText(notAfter - now.getTime())}`],
    ['key', keyText(key)],
    ['SHA-256', fingerprint],
  ];
}

/**
 * The chain as a tree, a line each: the trusted authority on top, the server's own certificate below.
 *
 * @param more authorities that are trusted besides Node's, PEM.
 */
export function chainTree(
  sent: readonly Certificate[],
  more: readonly string[] = [],
  now: Date = new Date(),
): string[] {
  const { links, authority } = findPath(sent, rootStore([...rootCertificates, ...more]), now.getTime());
  const last = links.at(-1);
  const above =
    authority === undefined
      ? last && !last.isSelfSigned
        ? [`${last.issuer} (missing)`]
        : []
      : authority === last
        ? []
        : [`${authority.subject} (trusted)`];
  const lines = [...above, ...links.map(({ subject }) => subject).reverse()];
  return lines.map((line, depth) => (depth === 0 ? line : `${'   '.repeat(depth - 1)}└─ ${line}`));
}

/** `2026-11-22 12:00 UTC`. */
function minute(time: number): string {
  return Number.isNaN(time)
    ? 'an unreadable time'
    : `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function leftText(left: number): string {
  const days = Math.floor(Math.abs(left) / DAY);
  const text = days === 1 ? '1 day' : `${days} days`;
  return left < 0 ? `ended ${text} ago` : `${text} left`;
}
