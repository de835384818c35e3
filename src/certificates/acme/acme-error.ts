import { PeerError } from '../../errors.ts';

/**
 * The authority refused, could not be reached, or answered with what cannot be used. The message is one
 * line of printable characters, whatever the authority sent.
 *
 * @see RFC 8555 §6.7 — Errors
 */
export class AcmeError extends PeerError {
  override readonly code = 'E_ACME';
  /** What happened, without what to do about it. */
  readonly what: string;
  /** Last word of the problem's type (`dns`, `rateLimited`, …), or one of ours: see {@link REMEDIES}. */
  readonly problem: string;
  /** Status of the answer, when there was one. */
  readonly status: number | undefined;
  /** The authority asked to stay away for so long, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /** @param what what happened and where; the remedy for the problem follows it. */
  constructor(
    problem: string,
    what: string,
    more: ErrorOptions & { status?: number; retryAfterMs?: number | undefined } = {},
  ) {
    const line = oneLine(what, 600);
    super(`${line}${remedy(problem)}`, more);
    this.what = line;
    this.problem = problem;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** What to do, by the last word of the problem's type; ours come last. @see RFC 8555 §6.7, RFC 9773 §7.4 */
const REMEDIES: Readonly<Record<string, string>> = {
  accountDoesNotExist: 'the account is made anew at the next try',
  badCSR: 'try keyType: "rsa" if this authority takes no ECDSA keys',
  badPublicKey: 'try keyType: "rsa" if this authority takes no ECDSA keys',
  caa: "let the domain's CAA record name this authority, or remove the record",
  connection: "open the port (80 for http-01, 443 for tls-alpn-01) to the internet at the domain's address",
  dns: 'let the A and AAAA records of the domain lead to this server',
  externalAccountRequired:
    'give externalAccountBinding: { keyId, hmacKey } as your account with it shows them',
  incorrectResponse:
    "another server answers at the domain's address; let its A and AAAA records lead to this one",
  invalidContact: 'give an email address that receives mail',
  rateLimited: 'nothing to do but wait; try with directory: "staging" until all else is right',
  rejectedIdentifier: 'this authority gives no certificate for that name',
  serverInternal: "the authority's fault; it is tried again",
  tls: 'TLS on port 443 must reach this server unbroken; a proxy in front of it answers in its place: use http-01',
  unauthorized: "another server answers at the domain's address, or a proxy in front of this one",
  unsupportedContact: 'give an email address without parameters',
  unsupportedIdentifier: 'this authority gives no certificate for that name',
  userActionRequired: 'open the address in a browser and do what it asks',

  unreachable: 'check that this machine may reach it by https; it is tried again',
  untrusted: 'give directoryRoot, the PEM file of the root that vouches for the authority',
  timedOut: 'it is tried again',
  tooLarge: 'is directory the address of an ACME directory?',
  badAnswer: 'is directory the address of an ACME directory?',
  badCertificate: 'it is not used; ask the authority',
  noChallenge: 'allow another one with challenge: ["tls-alpn-01", "http-01"]',
};

/** Problems that ended the proof of a domain: another kind of challenge may fare better. */
const CHALLENGE_FAILURES: readonly string[] = [
  'connection',
  'incorrectResponse',
  'tls',
  'unauthorized',
  'noChallenge',
];

/** True when the authority tried to verify the domain and could not. */
export function isChallengeFailure(error: unknown): error is AcmeError {
  return error instanceof AcmeError && CHALLENGE_FAILURES.includes(error.problem);
}

/** True for what passes by itself: a broken line, an authority under load. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof AcmeError)) return false;
  if (error.problem === 'rateLimited') return false;
  return (
    ['unreachable', 'timedOut', 'serverInternal', 'badNonce'].includes(error.problem) ||
    (error.status ?? 0) >= 500
  );
}

/**
 * Foreign text made fit for a log: one line, no control, format or unassigned characters.
 *
 * @param limit characters; the rest is cut.
 */
export function oneLine(text: string, limit: number = 300): string {
  const line = text
    .slice(0, limit * 4)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

function remedy(problem: string): string {
  const text = Object.hasOwn(REMEDIES, problem) ? REMEDIES[problem] : undefined;
  return text === undefined ? '' : `; ${text}`;
}
