import { rootCertificates } from 'node:tls';
import { Certificate, printable } from './certificate.ts';
import { findPath, type Path } from './path.ts';
import { rootStore } from './root-store.ts';
import { strengthOf } from './strength.ts';

const DAY = 86_400_000;
/** Less life than this is worth a warning, in days. */
export const EXPIRES_SOON_DAYS = 21;

const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';

export type ChainCode =
  | 'incomplete'
  | 'wrong-order'
  | 'expired'
  | 'not-yet-valid'
  | 'expires-soon'
  | 'wrong-name'
  | 'self-signed'
  | 'unknown-authority'
  | 'weak-key'
  | 'weak-signature'
  | 'not-a-server-certificate';

/** One thing that a client may hold against a chain. */
export interface ChainFinding {
  readonly code: ChainCode;
  /** `fault`: a client that verifies refuses it. `warning`: not every client, or not yet. */
  readonly severity: 'fault' | 'warning';
  /** The certificate that is meant, in one line. */
  readonly subject: string;
  /**
   * `incomplete`: `missing`, and `url` when it is known where that is. `wrong-order`: `sent`, `right`.
   * `expired`, `expires-soon`: `notAfter`, `days` (past, left). `not-yet-valid`: `notBefore`.
   * `wrong-name`: `name` (empty when there are no names at all), `names`. `unknown-authority`: `authority`.
   * `weak-key`: `key`, `problem`. `weak-signature`: `algorithm`. `not-a-server-certificate`: `problem`
   * (`unreadable`, `purpose`, `usage`, `authority`) and the `position` of an unreadable one, from 1.
   */
  readonly detail: Readonly<Record<string, string>>;
}

export interface ChainOptions {
  /** Host names and addresses that clients use; each is looked for in the certificate. */
  readonly names?: readonly string[];
  readonly now?: Date;
  /** Trusted authorities, PEM; by default those of Node. */
  readonly roots?: readonly string[];
}

/**
 * What a client that verifies would hold against a chain. Pure; whatever the bytes are, it does not
 * throw, and each certificate is tried as an issuer at most once.
 *
 * @param chain DER, the server's own certificate first, as sent.
 * @see RFC 5280 §6 — Certification Path Validation
 */
export function examineChain(chain: readonly Buffer[], options: ChainOptions = {}): ChainFinding[] {
  const { now = new Date(), names, roots = rootCertificates } = options;
  const sent = chain.map((der) => Certificate.read(der));
  const unreadable = sent.flatMap((certificate, index) => (certificate ? [] : [unreadableAt(index)]));
  const readable = sent.filter((certificate) => certificate !== undefined);
  const path = findPath(readable, rootStore(roots), now.getTime());
  const [leaf] = path.links;
  if (leaf === undefined) return unreadable.length > 0 ? unreadable : [unreadableAt(0)];
  return [
    ...unreadable,
    ...endOf(path, leaf),
    ...orderOf(path, readable),
    ...path.links.flatMap((link) => lifeOf(link, now.getTime())),
    ...namesOf(leaf, names),
    ...path.links.flatMap((link) => strengthOf(link)),
    ...purposeOf(leaf),
  ];
}

function unreadableAt(index: number): ChainFinding {
  const detail = { problem: 'unreadable', position: String(index + 1) };
  return { code: 'not-a-server-certificate', severity: 'fault', subject: '', detail };
}

/** What is wrong where the path ends. A public intermediate tells where its issuer is; a private root is told to few. */
function endOf({ links, authority }: Path, leaf: Certificate): ChainFinding[] {
  const last = links.at(-1);
  if (authority !== undefined || last === undefined) return [];
  const fault = { severity: 'fault', subject: last.subject } as const;
  if (last.isSelfSigned) {
    if (last === leaf) return [{ code: 'self-signed', ...fault, detail: {} }];
    return [{ code: 'unknown-authority', ...fault, detail: { authority: last.subject } }];
  }
  if (last !== leaf && last.issuerUrl === undefined) {
    return [{ code: 'unknown-authority', ...fault, detail: { authority: last.issuer } }];
  }
  const url = last.issuerUrl === undefined ? {} : { url: last.issuerUrl };
  return [{ code: 'incomplete', ...fault, detail: { missing: last.issuer, ...url } }];
}

/** Each certificate certifies the one before it (RFC 8446 §4.4.2); what follows the path does no harm. */
function orderOf({ links }: Path, sent: readonly Certificate[]): ChainFinding[] {
  const all = new Set(sent);
  const right = links.filter((link) => all.has(link));
  if (right.every((link, index) => sent[index] === link)) return [];
  const detail = { sent: inOrder(sent), right: inOrder(right) };
  const severity = right[0] === sent[0] ? 'warning' : 'fault';
  return [{ code: 'wrong-order', severity, subject: right[0]?.subject ?? '', detail }];
}

function inOrder(certificates: readonly Certificate[]): string {
  return printable(certificates.map(({ subject }) => subject).join(' → '));
}

function lifeOf({ subject, notBefore, notAfter }: Certificate, now: number): ChainFinding[] {
  if (now < notBefore) {
    const detail = { notBefore: dateText(notBefore) };
    return [{ code: 'not-yet-valid', severity: 'fault', subject, detail }];
  }
  if (now <= notAfter && notAfter - now > EXPIRES_SOON_DAYS * DAY) return [];
  const days = Math.floor(Math.abs(notAfter - now) / DAY);
  const detail = { notAfter: dateText(notAfter), days: Number.isNaN(days) ? '' : String(days) };
  if (now <= notAfter) return [{ code: 'expires-soon', severity: 'warning', subject, detail }];
  return [{ code: 'expired', severity: 'fault', subject, detail }];
}

function dateText(time: number): string {
  return Number.isNaN(time) ? 'unreadable' : new Date(time).toISOString().replace('.000', '');
}

/** Clients look at the alternative names only (RFC 9525 §2); a certificate without any fits nobody. */
function namesOf(leaf: Certificate, wanted: readonly string[] = []): ChainFinding[] {
  const names = printable(leaf.names.join(', '));
  const finding = (name: string, severity: 'fault' | 'warning'): ChainFinding => ({
    code: 'wrong-name',
    severity,
    subject: leaf.subject,
    detail: { name: printable(name), names },
  });
  if (wanted.length === 0) return leaf.names.length > 0 ? [] : [finding('', 'warning')];
  return wanted.filter((name) => !leaf.isFor(name)).map((name) => finding(name, 'fault'));
}

function purposeOf(leaf: Certificate): ChainFinding[] {
  const { purposes, subject } = leaf;
  const finding = (problem: string, severity: 'fault' | 'warning'): ChainFinding[] => [
    { code: 'not-a-server-certificate', severity, subject, detail: { problem } },
  ];
  if (purposes && !purposes.includes(SERVER_AUTHENTICATION) && !purposes.includes(ANY_PURPOSE)) {
    return finding('purpose', 'fault');
  }
  if (!leaf.maySignHandshakes) return finding('usage', 'fault');
  return leaf.isAuthority && !leaf.isSelfSigned ? finding('authority', 'warning') : [];
}
