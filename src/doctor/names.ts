import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import { within } from './deadline.ts';
import type { Examination, Seen } from './examination.ts';
import { same } from './sentence.ts';

/** Addresses of one name that are tried. */
const MAX_ADDRESSES = 8;
const STEP = { en: 'name', tr: 'ad' };

type Trouble = 'unknown' | 'empty' | 'no-answer';
interface Resolved {
  readonly addresses: readonly string[];
  readonly trouble?: Trouble;
  readonly reason?: string;
}

/** The addresses of the target's host; none when the name is the fault, which is then found. */
export async function examineName(examination: Examination): Promise<readonly string[]> {
  const { host, isAddress } = examination.target;
  const given = examination.options.address;
  if (given !== undefined) return [given];
  if (isAddress) return [host];
  const { addresses, trouble, reason = '' } = await examination.step(STEP, () => resolved(examination));
  if (trouble === 'unknown') examination.find('name-unknown', { host });
  if (trouble === 'empty') examination.find('name-without-address', { host });
  if (trouble === 'no-answer') examination.find('name-no-answer', { host, reason });
  return addresses;
}

async function resolved(examination: Examination): Promise<Seen<Resolved>> {
  const { target, options } = examination;
  const milliseconds = examination.deadline.step();
  const late: Resolved = { addresses: [], trouble: 'no-answer', reason: 'timeout' };
  const asked = options.nameServers
    ? askServers(target.host, { servers: options.nameServers, milliseconds })
    : askSystem(target.host, milliseconds);
  const value = await within(milliseconds, asked, late);
  const { addresses, reason = '', trouble = '' } = value;
  return { ok: addresses.length > 0, note: same(addresses.join(', ') || reason || trouble), value };
}

/** As every program of this machine resolves names, /etc/hosts included; DNS itself says why there is none. */
async function askSystem(host: string, milliseconds: number): Promise<Resolved> {
  try {
    const found = await dns.lookup(host, { all: true, verbatim: true });
    return { addresses: distinct(found.map(({ address }) => address)) };
  } catch (error) {
    const answer = await askServers(host, { milliseconds });
    if (answer.trouble) return answer;
    return { addresses: [], trouble: 'no-answer', reason: codeOf(error) };
  }
}

async function askServers(
  host: string,
  { servers, milliseconds }: { readonly servers?: readonly string[]; readonly milliseconds: number },
): Promise<Resolved> {
  const resolver = new dns.Resolver({ timeout: Math.max(100, milliseconds / 2), tries: 1 });
  if (servers) resolver.setServers([...servers]);
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  if (addresses.length > 0) return { addresses: distinct(addresses) };
  return why(answers.map((one) => (one.status === 'rejected' ? codeOf(one.reason) : 'ENODATA')));
}

function why(codes: readonly string[]): Resolved {
  const odd = codes.find((code) => code !== 'ENOTFOUND' && code !== 'ENODATA');
  if (odd !== undefined) return { addresses: [], trouble: 'no-answer', reason: odd };
  return { addresses: [], trouble: codes.includes('ENODATA') ? 'empty' : 'unknown', reason: codes[0] ?? '' };
}

/** In the order of the answer; what is no address is left out. */
function distinct(addresses: readonly string[]): string[] {
  return [...new Set(addresses)].filter((one) => isIP(one) !== 0).slice(0, MAX_ADDRESSES);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'no answer';
}
