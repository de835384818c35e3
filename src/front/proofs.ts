import { randomBytes } from 'node:crypto';
import { now, Timer } from '../timer.ts';
import { publicHost } from './parts.ts';
import type { ProxyPlan } from './plan.ts';
import { type Rehearsal, type Seen, VISITOR_ADDRESS } from './rehearsal.ts';
import { isAtLeast } from './version.ts';
import type { Visit } from './visitor.ts';

/** One thing that must work through the proxy. */
export interface Proof {
  readonly name: string;
  /** False where the plan has nothing of the kind. */
  readonly applies?: (plan: ProxyPlan) => boolean;
  /** @returns what was seen. @throws what was seen instead. */
  prove(stage: Rehearsal): Promise<string>;
}

const MIB = 1_048_576;
const FORGED = '203.0.113.66';

/** What a client sends that wants to be somebody else. */
export const FORGED_HEADERS: Readonly<Record<string, string>> = {
  'X-Real-IP': FORGED,
  'X-Forwarded-For': `${FORGED}, ${FORGED}`,
  Forwarded: `for=${FORGED}`,
  'True-Client-IP': FORGED,
};

/**
 * The same, with a word to the proxy that these headers end with it: one that adds its own before it obeys takes them
 * out too, and the worker would see the proxy itself.
 *
 * @see RFC 9110 §7.6.1 — Connection
 */
export const FORGED_CONNECTION: Readonly<Record<string, string>> = {
  ...FORGED_HEADERS,
  Connection: 'Upgrade, X-Forwarded-For, X-Real-IP, Forwarded',
};

export const PROOFS: readonly Proof[] = [
  { name: '101', prove: opens },
  { name: 'echo', prove: answersTom },
  { name: '1 MiB', prove: echoesMuch },
  { name: 'address', prove: tellsTheAddress },
  { name: 'forged', prove: refusesForgery },
  { name: 'host', prove: passesHost },
  { name: 'plain GET', prove: passesPlainRequests },
  { name: 'wrong path', prove: refusesOtherPaths },
  { name: 'redirect', applies: hasPlainPort, prove: redirects },
  { name: 'reload', prove: survivesReload },
];

async function opens({ visitor, plan }: Rehearsal): Promise<string> {
  (await visitor.open(plan.path)).close();
  return `wss://${publicHost({ ...plan, port: 443 })}${plan.path} opens`;
}

async function answersTom(stage: Rehearsal): Promise<string> {
  return visiting(stage, {}, async (visit) => {
    const answer = await visit.ask('tom');
    if (answer !== 'ok') throw new Error(`"tom" was answered ${JSON.stringify(answer)}`);
    return 'tom → ok';
  });
}

async function echoesMuch(stage: Rehearsal): Promise<string> {
  const message = randomBytes(MIB);
  return visiting(stage, {}, async (visit) => {
    const started = now();
    const answer = await visit.ask(message);
    if (typeof answer === 'string' || !message.equals(answer))
      throw new Error('what came back is not what was sent');
    return `there and back in ${Math.ceil(now() - started)} ms`;
  });
}

async function tellsTheAddress(stage: Rehearsal): Promise<string> {
  const { ip } = await seen(stage);
  if (ip !== VISITOR_ADDRESS)
    throw new Error(`the worker sees ${ip}, the client comes from ${VISITOR_ADDRESS}`);
  return `the worker sees ${ip}, as it should`;
}

async function refusesForgery(stage: Rehearsal): Promise<string> {
  const { proxy, proxyProtocol } = stage.plan;
  let through: readonly string[] = [];
  for (const forged of [FORGED_CONNECTION, FORGED_HEADERS]) {
    const { ip, headers } = await seen(stage, forged);
    if (ip !== VISITOR_ADDRESS) throw new Error(`the worker sees ${ip} when the client forges its address`);
    through = headers.filter((header) => header.includes(FORGED));
  }
  if (proxy === 'nginx' && proxyProtocol)
    return `${through.length} forged headers, which nobody reads, change nothing`;
  if (through.length > 0) throw new Error(`forged headers reach the worker: ${through.join(', ')}`);
  return 'X-Real-IP, X-Forwarded-For and Forwarded of the client do not get through';
}

async function passesHost(stage: Rehearsal): Promise<string> {
  const { host } = await seen(stage);
  const wanted = publicHost(stage.plan);
  if (host !== wanted && host !== stage.plan.domain)
    throw new Error(`the worker sees Host ${host} instead of ${wanted}`);
  return `the worker sees ${host}`;
}

async function passesPlainRequests({ visitor, plan }: Rehearsal): Promise<string> {
  const { status } = await visitor.get(plan.path);
  if (status !== 426) throw new Error(`answered ${status}, not 426 as the worker would`);
  return '426 from the worker: use a WebSocket';
}

async function refusesOtherPaths({ visitor, plan, paths }: Rehearsal): Promise<string> {
  const before = paths.length;
  const others = [`${plan.path}X`, `${plan.path.replace(/\/$/, '')}/more`];
  for (const path of others) {
    const refused = await visitor.open(path).then(
      () => 'opens',
      (error: Error) => error.message,
    );
    if (!refused.includes('answered 404')) throw new Error(`${path}: ${refused}`);
  }
  if (paths.length > before) throw new Error(`the worker was asked for ${paths.slice(before).join(', ')}`);
  return `404 for ${others.join(' and ')}`;
}

/** A raw stream cannot answer HTTP. */
function hasPlainPort({ proxy, proxyProtocol, plainPort }: ProxyPlan): boolean {
  return plainPort !== 0 && !(proxy === 'nginx' && proxyProtocol);
}

async function redirects({ visitor, plan }: Rehearsal): Promise<string> {
  const { status, headers } = await visitor.getPlain(plan.plainPort, `${plan.path}?a=b`);
  const wanted = `https://${publicHost(plan)}${plan.path}?a=b`;
  if (![301, 308].includes(status) || headers.location !== wanted) {
    throw new Error(`http is answered ${status} ${headers.location ?? ''}, not 301 ${wanted}`);
  }
  return `http → ${status} https`;
}

/** Requests go on, one after the other, from before the reload until well after it. */
async function survivesReload(stage: Rehearsal): Promise<string> {
  const { visitor, plan, proxy } = stage;
  return visiting(stage, {}, async (visit) => {
    let asking = true;
    let again = 0;
    const asked = [1, 2].map(async () => {
      let count = 0;
      for (; asking; count++) {
        const { status } = await visitor.get(plan.path).catch((error: NodeJS.ErrnoException) => {
          if (!resetsInTheSwap(plan) || error.code !== 'ECONNRESET') throw error;
          again++;
          return visitor.get(plan.path);
        });
        if (status !== 426) throw new Error(`a request was answered ${status}`);
      }
      return count;
    });
    const reloading = (async () => {
      await Timer.sleep(0.2);
      await proxy.reload();
      await Timer.sleep(0.5);
    })();
    try {
      await Promise.race([reloading, Promise.all(asked)]);
    } finally {
      asking = false;
    }
    const counts = await Promise.all(asked);
    await reloading;
    const total = counts.reduce((sum, count) => sum + count, 0);
    (await visitor.open(plan.path)).close();
    const sentAgain = resetsInTheSwap(plan) ? `, ${again} reset and sent again` : '';
    return `${total} requests, none lost${sentAgain}; ${await fate(visit, plan)}`;
  });
}

/** Caddy resets a connection now and then that it accepts in the moment of the swap; any other proxy may not. */
function resetsInTheSwap({ proxy }: ProxyPlan): boolean {
  return proxy === 'caddy';
}

/** What a reload does to an open WebSocket. */
async function fate(visit: Visit, { proxy, version }: ProxyPlan): Promise<string> {
  if (proxy === 'caddy' && version !== undefined && !isAtLeast(version, [2, 7, 0])) {
    await visit.ended();
    if (visit.closeCode !== 1001)
      throw new Error(`the open WebSocket ended with ${visit.closeCode ?? 'no close frame'}`);
    return 'the open WebSocket was told 1001, as by every Caddy before 2.7: clients connect again';
  }
  const answer = await visit.ask('after the reload');
  if (answer !== 'after the reload') throw new Error('the open WebSocket does not answer any more');
  return 'the open WebSocket stays';
}

async function seen(stage: Rehearsal, headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
  return visiting(stage, headers, async (visit) => JSON.parse(String(await visit.ask('who'))) as Seen);
}

async function visiting<T>(
  { visitor, plan }: Rehearsal,
  headers: Readonly<Record<string, string>>,
  use: (visit: Visit) => Promise<T>,
): Promise<T> {
  const visit = await visitor.open(plan.path, headers);
  try {
    return await use(visit);
  } finally {
    visit.close();
  }
}
