import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Code } from './catalogue.ts';
import type { Examination, Seen } from './examination.ts';
import type { Sentence } from './finding.ts';
import { type Reach, reach } from './reach.ts';
import { same, say } from './sentence.ts';

/** How one address took the connection. */
interface Tried {
  readonly address: string;
  readonly outcome: Exclude<Reach['kind'], never>;
  readonly error: string;
}

const HOW: Readonly<Record<Tried['outcome'], Sentence>> = {
  open: { en: 'open', tr: 'açık' },
  refused: { en: 'refused: nothing listens there', tr: 'reddedildi: dinleyen yok' },
  filtered: { en: 'no answer: a firewall drops it', tr: 'yanıt yok: güvenlik duvarı düşürüyor' },
  unreachable: { en: 'unreachable from here', tr: 'buradan ulaşılamıyor' },
  failed: { en: 'failed', tr: 'başarısız' },
};

const CODES: Readonly<Record<Exclude<Tried['outcome'], 'open'>, Code>> = {
  refused: 'port-refused',
  filtered: 'port-filtered',
  unreachable: 'host-unreachable',
  failed: 'connection-failed',
};

/** The first address that takes TCP connections; none when that is the fault, which is then found. */
export async function examineReachability(
  examination: Examination,
  addresses: readonly string[],
): Promise<string | undefined> {
  const { port } = examination.target;
  const tried: Tried[] = [];
  for (const address of addresses) {
    const step = same(`TCP ${isIP(address) === 6 ? `[${address}]` : address}:${port}`);
    tried.push(await examination.step(step, () => attempt(examination, address)));
  }
  const open = tried.find(({ outcome }) => outcome === 'open');
  if (open === undefined) await findWhy(examination, tried);
  else for (const one of tried) findFailing(examination, one);
  return open?.address;
}

async function attempt(examination: Examination, address: string): Promise<Seen<Tried>> {
  const reached = await reach(address, examination.target.port, examination.deadline.step());
  if (reached.kind === 'open') reached.socket.destroy();
  const error = reached.kind === 'open' ? '' : reached.error;
  const value: Tried = { address, outcome: reached.kind, error };
  return { ok: reached.kind === 'open', note: HOW[reached.kind], value };
}

/** IPv4 speaks for the others: a machine without IPv6 says “unreachable” and proves nothing. */
async function findWhy(examination: Examination, tried: readonly Tried[]): Promise<void> {
  const told = tried.find(({ outcome }) => outcome !== 'unreachable') ?? tried[0];
  if (told === undefined || told.outcome === 'open') return;
  const { address, error, outcome } = told;
  const { port } = examination.target;
  const bound = outcome === 'refused' && (await listensOnLoopback(examination, address));
  const code = bound ? 'bound-to-loopback' : CODES[outcome];
  examination.find(code, { address, error, port, seconds: examination.timeout });
}

/** Whether the examined machine is this one, and takes on 127.0.0.1 what it refuses here. */
async function listensOnLoopback(examination: Examination, address: string): Promise<boolean> {
  if (!isOwn(address)) return false;
  const reached = await reach('127.0.0.1', examination.target.port, examination.deadline.step());
  if (reached.kind === 'open') reached.socket.destroy();
  return reached.kind === 'open';
}

function isOwn(address: string): boolean {
  if (address === '127.0.0.1' || address === '::1') return false;
  if (/^127\./.test(address)) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address));
}

function findFailing(examination: Examination, { address, outcome, error }: Tried): void {
  if (outcome === 'open' || outcome === 'unreachable') return;
  const family = isIP(address) === 6 ? 'IPv6' : 'IPv4';
  const how = say({ en: '{how} ({error})', tr: '{how} ({error})' }, { how: HOW[outcome], error });
  examination.find('address-fails', { host: examination.target.host, address, family, how });
}
