import { X509Certificate } from 'node:crypto';
import { schema, x509 } from '../asn1.ts';
import { suggestionIn } from './documents.ts';
import { pollDelay, type Window } from './schedule.ts';
import type { AcmeSession } from './session.ts';

export interface Suggestion {
  /** When to renew; `undefined` when what was suggested makes no sense. */
  readonly window: Window | undefined;
  /** When to ask again, in milliseconds from now. */
  readonly askAgainMs: number;
}

/**
 * How the authority calls the certificate when it is asked for the time to renew it.
 *
 * @param cert PEM; of a chain the first counts.
 * @returns `undefined` when it does not name its issuer's key.
 * @see RFC 9773 §4.1
 */
export function certificateId(cert: string): string | undefined {
  const { tbsCertificate } = schema.AsnConvert.parse(new X509Certificate(cert).raw, x509.Certificate);
  const found = tbsCertificate.extensions?.find(({ extnID }) => extnID === x509.id_ce_authorityKeyIdentifier);
  if (!found) return undefined;
  const { keyIdentifier } = schema.AsnConvert.parse(found.extnValue, x509.AuthorityKeyIdentifier);
  if (!keyIdentifier) return undefined;
  return `${base64url(keyIdentifier.buffer)}.${base64url(tbsCertificate.serialNumber)}`;
}

/**
 * Asks when the certificate should be renewed.
 *
 * @returns `undefined` when the authority does not tell such things.
 * @throws {AcmeError} when it should but did not.
 * @see RFC 9773 §4
 */
export async function suggestion(session: AcmeSession, cert: string): Promise<Suggestion | undefined> {
  const { renewalInfo } = await session.directory();
  const id = certificateId(cert);
  if (renewalInfo === undefined || id === undefined) return undefined;
  const { headers, body } = await session.get(`${renewalInfo.replace(/\/$/, '')}/${id}`);
  return { window: windowIn(body), askAgainMs: pollDelay(session.retryAfter(headers)) };
}

function windowIn(body: Buffer): Window | undefined {
  const { start, end } = suggestionIn(body);
  const window = { start: instant(start), end: instant(end) };
  return window.start < window.end ? window : undefined;
}

/** @see RFC 3339 §5.6 */
function instant(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text)
    ? Date.parse(text)
    : Number.NaN;
}

function base64url(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString('base64url');
}
