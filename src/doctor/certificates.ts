import { type ChainCode, type ChainFinding, examineChain } from '../certificates/chain.ts';
import type { CertificateCode } from './catalogue/certificate.ts';
import { finding } from './catalogue.ts';
import type { Examination } from './examination.ts';
import type { Values } from './sentence.ts';
import { same, say } from './sentence.ts';

const STEP = { en: 'certificate', tr: 'sertifika' };
const HOUR = 3_600_000;
/** Difference of two clocks that is worth a word, in milliseconds. */
const SKEW = 300_000;

const CODES: Readonly<Record<ChainCode, CertificateCode>> = {
  'self-signed': 'certificate-self-signed',
  'wrong-name': 'certificate-wrong-name',
  expired: 'certificate-expired',
  'not-yet-valid': 'certificate-not-yet-valid',
  incomplete: 'certificate-chain-incomplete',
  'unknown-authority': 'certificate-unknown-authority',
  'wrong-order': 'certificate-chain-order',
  'not-a-server-certificate': 'certificate-not-for-servers',
  'weak-key': 'certificate-weak-key',
  'weak-signature': 'certificate-weak-signature',
  'expires-soon': 'certificate-expires-soon',
};

/** Of several faults of one chain, what has to be mended first, first. */
const ORDER = Object.keys(CODES);
/** Faults that a wrong clock makes. */
const BY_CLOCK: ReadonlySet<ChainCode> = new Set<ChainCode>(['expired', 'not-yet-valid']);

/** A chain that was judged, to be looked at again when the server has told its time. */
export interface JudgedChain {
  readonly chain: readonly Buffer[];
  readonly faults: readonly ChainFinding[];
}

/** Judges the chain as clients that trust public authorities (and those given) do. */
export async function judgeChain(examination: Examination, chain: readonly Buffer[]): Promise<JudgedChain> {
  return examination.step(STEP, async () => {
    const faults = judged(examination, chain, examination.clock);
    const ok = faults.every(({ severity }) => severity !== 'fault');
    const problems = same([...new Set(faults.map(({ code }) => code))].join(', '));
    const links = say(
      { en: '{count} sent, trusted', tr: '{count} adet, güvenilir' },
      { count: chain.length },
    );
    return { ok, note: ok ? links : problems, value: { chain, faults } };
  });
}

/**
 * Finds what is wrong with the chain.
 *
 * @param theirs the server's time, when its answer told it.
 */
export function findChain(examination: Examination, { chain, faults }: JudgedChain, theirs?: Date): void {
  const ours = examination.clock;
  const skew = theirs === undefined ? 0 : Math.abs(theirs.getTime() - ours.getTime());
  const byClock = faults.some((one) => one.severity === 'fault' && BY_CLOCK.has(one.code));
  const times = { ours: shown(ours), theirs: shown(theirs ?? ours), seconds: Math.round(skew / 1000) };
  if (byClock && theirs && skew > HOUR && !judged(examination, chain, theirs).some(isByClock)) {
    examination.find('clock-wrong', times);
    addAll(
      examination,
      faults.filter((one) => !isByClock(one)),
    );
    return;
  }
  addAll(examination, faults);
  if (skew > SKEW) examination.find('clock-skew', times);
}

function isByClock({ code }: ChainFinding): boolean {
  return BY_CLOCK.has(code);
}

function judged(examination: Examination, chain: readonly Buffer[], now: Date): ChainFinding[] {
  return examineChain(chain, { names: [examination.target.host], now, roots: examination.authorities });
}

function addAll(examination: Examination, faults: readonly ChainFinding[]): void {
  const sorted = [...faults].sort((one, other) => ORDER.indexOf(one.code) - ORDER.indexOf(other.code));
  for (const { code, severity, subject, detail } of sorted) {
    const values: Values = { subject, name: '', names: '', url: '', ...detail };
    examination.add({ ...finding(CODES[code], values), severity });
  }
}

function shown(date: Date): string {
  return date.toISOString().replace('.000', '').replace(/\.\d+/, '');
}
