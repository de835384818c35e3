import { findChain, type JudgedChain, judgeChain } from './certificates.ts';
import { Examination, type ExamineOptions, type StepRecord } from './examination.ts';
import type { Finding } from './finding.ts';
import { examineIdle } from './idle.ts';
import { examineIntention } from './intention.ts';
import type { Line } from './line.ts';
import { examineLife } from './liveliness.ts';
import { examineName } from './names.ts';
import type { Observer } from './observer.ts';
import { examineReachability } from './reachability.ts';
import { open, requestFor } from './request.ts';
import { examineSecurity } from './security.ts';
import type { Target } from './target.ts';
import { examineUpgrade, type Upgraded } from './upgrade.ts';

/** What an examination has found. */
export interface Report {
  readonly url: string;
  /** The one cause to mend first; `undefined` when a client connects and nothing is wrong. */
  readonly verdict: Finding | undefined;
  /** What was found besides, faults and warnings, in the order of the examination. */
  readonly also: readonly Finding[];
  readonly steps: readonly StepRecord[];
}

/** Of RFC 6455 §1.3; nothing is sent with it. */
const SAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/**
 * Examines step by step why a client does not connect: name, TCP, TLS, certificates, the answer to the
 * handshake, the WebSocket itself. Whatever the other side sends, it ends in time with a report: each
 * step has a deadline, answers are read up to 64 KiB, redirects are never followed.
 *
 * @param observer is told of each step while it runs.
 * @throws {UsageError} at once: a header, an origin or a subprotocol cannot be sent.
 */
export async function examine(target: Target, options: ExamineOptions, observer: Observer): Promise<Report> {
  const examination = new Examination(target, options, observer);
  requestFor(examination, SAMPLE_KEY, examination.origin);
  examineIntention(examination);
  await examineConnection(examination);
  const { findings, steps } = examination;
  const verdict = findings.find(({ severity }) => severity === 'fault');
  return { url: target.url, verdict, also: findings.filter((one) => one !== verdict), steps };
}

async function examineConnection(examination: Examination): Promise<void> {
  const addresses = await examineName(examination);
  const address = await examineReachability(examination, addresses);
  if (address === undefined) return;
  const way = await openWay(examination, address);
  if (way === undefined) return;
  const { upgraded, late } = await afterwards(examination, () =>
    examineUpgrade(examination, address, way.line),
  );
  if (way.judged) findChain(examination, way.judged, dateOf(upgraded));
  for (const found of late) examination.add(found);
  if (upgraded.conversation) await examineLife(examination, address, upgraded.conversation);
  const { idle } = examination.options;
  if (idle !== undefined && upgraded.conversation) await examineIdle(examination, address, idle);
}

interface Way {
  readonly line: Line;
  readonly judged?: JudgedChain;
}

async function openWay(examination: Examination, address: string): Promise<Way | undefined> {
  if (examination.target.secure) {
    const security = await examineSecurity(examination, address);
    if (security === undefined) return undefined;
    return { line: security.modern.line, judged: await judgeChain(examination, security.chain) };
  }
  const opened = await open(examination, address);
  if (opened.kind === 'line') return { line: opened.line };
  const { port } = examination.target;
  examination.find('connection-failed', { address, port, error: 'it worked a moment ago' });
  return undefined;
}

/** The chain comes before the answer, but is judged by the time that the answer tells: what it finds stands first. */
async function afterwards(
  examination: Examination,
  act: () => Promise<Upgraded>,
): Promise<{ upgraded: Upgraded; late: readonly Finding[] }> {
  const before = examination.findings.length;
  const upgraded = await act();
  return { upgraded, late: examination.findings.splice(before) };
}

/** The server's time, unless a cache has kept the answer. */
function dateOf({ exchange: { answer } }: Upgraded): Date | undefined {
  if (answer.kind !== 'answer' || answer.head.headers.has('age')) return undefined;
  const time = Date.parse(answer.head.headers.get('date') ?? '');
  return Number.isNaN(time) || time < 0 ? undefined : new Date(time);
}
