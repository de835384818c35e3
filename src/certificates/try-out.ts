import { createSecureContext } from 'node:tls';
import { INTERMEDIATE, type TlsOptions } from '../transport/tls-options.ts';
import { type CertificateFinding, finding } from './findings.ts';
import type { Pair } from './key-pair.ts';

/** Words whose values OpenSSL alone understands. */
const SUSPECTS = [
  'ciphers',
  'ecdhCurve',
  'sigalgs',
  'dhparam',
  'crl',
  'ca',
  'secureOptions',
  'sessionIdContext',
] as const;

/** What TLS is spoken with: the certificate, its key, and what opens it. */
export function secretOf({ cert, key, passphrase }: Pair): Pick<TlsOptions, 'cert' | 'key' | 'passphrase'> {
  return { cert, key, ...(passphrase === undefined ? {} : { passphrase }) };
}

/**
 * OpenSSL has the last word: what it will not serve stops the start.
 *
 * @param findings what it refuses is added; what was found weak before, and is refused for that, is marked.
 */
export function tryOut(pair: Pair, tls: TlsOptions, findings: CertificateFinding[]): void {
  if (pair.key === '') return;
  const refusal = refusalOf(pair, tls);
  if (refusal === undefined) return;
  const weak = findings.findIndex(({ code }) => code === 'weak-key' || code === 'weak-signature');
  const known = /too small|too weak/i.test(refusal) ? findings[weak] : undefined;
  if (known) findings[weak] = { ...known, stops: true };
  else findings.push(finding('refused', { file: guilty(pair, tls), reason: reasonIn(refusal) }));
}

function refusalOf(pair: Pair, tls: TlsOptions): string | undefined {
  try {
    createSecureContext({ ...INTERMEDIATE, ...tls, ...secretOf(pair) });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Its messages seldom name the word: it is the one without which there is no refusal. */
function guilty(pair: Pair, tls: TlsOptions): string {
  const word = SUSPECTS.find(
    (one) => tls[one] !== undefined && !refusalOf(pair, { ...tls, [one]: INTERMEDIATE[one] }),
  );
  return word === undefined ? pair.file : `ssl.${word}`;
}

/** `error:0A0000B9:SSL routines::no cipher match` without the numbers. */
function reasonIn(message: string): string {
  const reason = message.split(':').at(-1)?.trim() ?? '';
  return reason === '' || reason.startsWith('reason(') ? 'it knows no such value' : reason;
}
