import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../run/belongings.ts';
import type { Aim } from '../run/generator.ts';
import { BENCH, MODULES, ROOT, unless, versionIn } from '../run/peers.ts';
import { type Launched, launch } from '../run/server.ts';
import type { Broker, BrokerName, Brokers } from './brokers.ts';
import { familyOf } from './family.ts';

/** In the order in which they take turns: those who are compared are neighbours. */
export const CONTESTANT_NAMES = [
  'usta-one',
  'usta',
  'cluster-adapter',
  'usta-redis',
  'redis-adapter',
  'usta-nats',
] as const;
export type ContestantName = (typeof CONTESTANT_NAMES)[number];

/** A way to build a server of several processes. */
export interface Contestant {
  readonly name: ContestantName;
  /** Names and versions, as the table shows them. */
  readonly title: string;
  readonly broker?: BrokerName;
  /** Why it cannot run on this machine. */
  readonly missing?: string;
  /** @throws {Error} what went wrong; nothing is left running. */
  start(brokers: Brokers): Promise<Cluster>;
}

/** A server of several processes that serves. */
export interface Cluster {
  readonly aim: Aim;
  stop(): Promise<void>;
}

export function contestantsNamed(names: readonly ContestantName[]): Contestant[] {
  return CONTESTANT_NAMES.filter((name) => names.includes(name)).map((name) => CONTESTANTS[name]());
}

const SERVER = fileURLToPath(new URL('./server.js', import.meta.url));

const CONTESTANTS: Readonly<Record<ContestantName, () => Contestant>> = {
  usta: () => ours('usta', 'local bus', { programs: [['--gateways', '2', '--publisher']] }),
  'usta-one': () => ours('usta-one', 'one gateway', { programs: [['--gateways', '1', '--publisher']] }),
  'usta-redis': () => ours('usta-redis', 'Redis bus', { programs: APART, broker: 'redis' }),
  'usta-nats': () => ours('usta-nats', 'NATS bus', { programs: APART, broker: 'nats' }),
  'cluster-adapter': () => theirs('cluster-adapter', { programs: [['socketio-cluster.mjs']] }),
  'redis-adapter': () =>
    theirs('redis-adapter', {
      programs: ['gateway', 'gateway', 'publisher'].map((role) => ['socketio-redis.mjs', role]),
      broker: 'redis',
    }),
};

/** A script each. */
const APART = [['--gateways', '1'], ['--gateways', '1'], ['--publisher']];

interface Parts {
  readonly programs: readonly (readonly string[])[];
  readonly broker?: BrokerName;
}

/** Every script has a runtime directory of its own, which makes it a machine of its own. */
function ours(name: ContestantName, what: string, { programs, broker }: Parts): Contestant {
  return {
    name,
    title: `usta ${versionIn(ROOT)}, ${what}`,
    ...(broker === undefined ? {} : { broker }),
    ...unless(SERVER, 'not built, run npm run build'),
    start: (brokers) =>
      startAll({ socketio: false, broker, brokers }, ({ url }) =>
        programs.map((words) => () => {
          const bus = url === undefined ? [] : ['--bus', url];
          const env = { USTA_RUNTIME_DIR: temporaryFolder() };
          return launch([process.execPath, SERVER, ...words, ...bus], env);
        }),
      ),
  };
}

function theirs(name: 'cluster-adapter' | 'redis-adapter', { programs, broker }: Parts): Contestant {
  const adapter = join(MODULES, '@socket.io', name);
  const version = versionIn(join(MODULES, 'socket.io'));
  return {
    name,
    title: `Socket.IO ${version}, ${name} ${versionIn(adapter)}`,
    ...(broker === undefined ? {} : { broker }),
    ...unless(adapter, 'could not be installed'),
    start: (brokers) =>
      startAll({ socketio: true, broker, brokers }, ({ url }) =>
        programs.map(([script = '', ...words]) => () => {
          const bus = url === undefined ? [] : [url];
          return launch([process.execPath, join(BENCH, 'peers', script), ...words, ...bus]);
        }),
      ),
  };
}

interface Circumstances {
  readonly socketio: boolean;
  readonly broker: BrokerName | undefined;
  readonly brokers: Brokers;
}

async function startAll(
  { socketio, broker: name, brokers }: Circumstances,
  programs: (broker: Partial<Broker>) => readonly (() => Promise<Launched>)[],
): Promise<Cluster> {
  const broker = name === undefined ? undefined : await brokers.get(name);
  const started: Launched[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((program) => program.stop()));
  };
  try {
    for (const start of programs(broker ?? {})) started.push(await start());
  } catch (error) {
    await stop();
    throw error;
  }
  const named = (port: string): number[] => started.map((one) => one.number(port)).filter(Number.isFinite);
  const [control = 0] = named('control');
  const beside = broker === undefined ? {} : { beside: [broker.pid] };
  const pids = familyOf(started.map(({ pid }) => pid));
  return { aim: { ports: named('ws'), control, pids, socketio, ...beside }, stop };
}
