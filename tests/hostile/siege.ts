import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { Endpoint } from '../autobahn/raw-client.ts';
import { Bystander } from './bystander.ts';
import { Fortress } from './fortress.ts';
import { Peer } from './peer.ts';
import type { Plan } from './reports.ts';

const MIB = 1_048_576;
const WITHIN_MS = 20_000;
/** Exchanges before memory is measured, so that what a running server needs anyway is there. */
const WARM_UP = 100;

export interface Conditions {
  readonly options?: Plan['options'];
  /** Attacks over TLS: the server listens with it, and the bystander uses it too. */
  readonly tls?: boolean;
  /** How far memory may rise above where it was, in bytes. Default 64 MiB. */
  readonly memory?: number;
}

export interface Siege {
  readonly server: Fortress;
  /** What is attacked. */
  readonly target: Endpoint;
  readonly bystander: Bystander;
}

/**
 * A test that attacks a server of its own. Besides what `attack` asserts, it holds that the process stays
 * up, that a bystander on the same port goes on talking, that memory stays where it was, and that nothing
 * is counted as held when the attackers have gone.
 */
export function siege(title: string, conditions: Conditions, attack: (siege: Siege) => Promise<void>): void {
  it(title, { timeout: WITHIN_MS }, async (context) => {
    const { options = {}, tls = false } = conditions;
    const server = await Fortress.start({ options, tls });
    context.signal.addEventListener('abort', () => void server.raze());
    try {
      const target = tls ? server.wss : server.ws;
      const bystander = await Bystander.arrive(target);
      await withstand({ server, target, bystander }, () => attack({ server, target, bystander }), {
        context,
        conditions,
      });
    } finally {
      Peer.endAll(server.ws, server.wss);
      await server.raze();
    }
  });
}

interface Frame {
  readonly context: TestContext;
  readonly conditions: Conditions;
}

async function withstand(
  { server, bystander }: Siege,
  attack: () => Promise<void>,
  frame: Frame,
): Promise<void> {
  for (let count = 0; count < WARM_UP; count++) await bystander.say('warm-up');
  const before = (await server.memory('baseline')).resident;
  bystander.stay();
  await bystander.more(3);
  await attack();
  await bystander.more(3);
  const { peak } = await server.memory();

  Peer.endAll(server.ws, server.wss);
  await server.stood(({ connections }) => connections === 1);
  await bystander.more(3);
  await bystander.hush();
  assert.equal(await bystander.say('pid?'), String(server.pid), 'the same process answers');
  const { held } = await server.stoodSoon((standing) => standing.held === 0);
  assert.equal(held, 0, 'nothing is counted as held when the attackers have gone');
  bystander.leave();

  const { memory = 64 * MIB } = frame.conditions;
  frame.context.diagnostic(`peak memory +${((peak - before) / MIB).toFixed(1)} of ${memory / MIB} MiB`);
  assert.ok(peak - before <= memory, `memory rose by ${((peak - before) / MIB).toFixed(1)} MiB`);
}
