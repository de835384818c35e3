import type { LoadOptions } from '../load/options.ts';
import {
  type Floor,
  LATENCY_P50,
  LATENCY_P99,
  MEMORY,
  type Measure,
  PER_CONNECT,
  PER_MESSAGE,
  PER_REQUEST,
} from './measures.ts';

/** One load, put on every peer in turn, and the lines of the result that come from it. */
export interface Scenario {
  readonly name: string;
  readonly load: Partial<LoadOptions> & Pick<LoadOptions, 'mode'>;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly title: string;
  readonly measure: Measure;
  readonly floor?: Floor;
}

const ECHO = { mode: 'echo', connections: 200, size: 32 } as const;
const DEEP = { mode: 'echo', connections: 50, size: 32, inFlight: 32 } as const;
const LARGE = { mode: 'echo', connections: 50, size: 16_384 } as const;
const FANOUT = { mode: 'fanout', connections: 1000, size: 64, path: '/b' } as const;
const CONNECT = { mode: 'connect', connections: 64 } as const;
const RATE = { mode: 'rate', connections: 100, size: 32, rate: 5000 } as const;

/** In the order in which they run. The floors are promises: `--assert` holds us to them. */
export const SCENARIOS: readonly Scenario[] = [
  single('echo', ECHO, 'echo 32 B, 1 in flight', PER_MESSAGE, { ratio: 1.25 }),
  single('echo-32', DEEP, 'echo 32 B, 32 in flight', PER_MESSAGE, { ratio: 10 }),
  single('echo-16k', LARGE, 'echo 16 KiB', PER_MESSAGE, { ratio: 1 }),
  single('fanout', FANOUT, 'fan-out 64 B to 1,000', PER_MESSAGE, { ratio: 1.3 }),
  single('wss-echo', secure(ECHO), 'wss echo 32 B, 1 in flight', PER_MESSAGE, { ratio: 1.05 }),
  single('wss-echo-32', secure(DEEP), 'wss echo 32 B, 32 in flight', PER_MESSAGE, { ratio: 3 }),
  single('wss-echo-16k', secure(LARGE), 'wss echo 16 KiB', PER_MESSAGE, { ratio: 0.85 }),
  single('wss-fanout', secure(FANOUT), 'wss fan-out 64 B to 1,000', PER_MESSAGE, { ratio: 0.95 }),
  single('connect', CONNECT, 'connect, upgrade, close', PER_CONNECT),
  single('wss-connect', secure(CONNECT), 'wss connect, upgrade, close', PER_CONNECT),
  single('idle', { mode: 'idle', connections: 5000 }, 'idle connection', MEMORY, { most: 7.5 }),
  single('wss-idle', secure({ mode: 'idle', connections: 2000 }), 'idle wss connection', MEMORY, {
    most: 32,
  }),
  single('http', { mode: 'http', connections: 50 }, 'HTTP hello, kept alive', PER_REQUEST),
  { name: 'rate', load: RATE, rows: latencies('5,000 echoes/s') },
  { name: 'wss-rate', load: secure(RATE), rows: latencies('5,000 wss echoes/s') },
];

function single(name: string, load: Scenario['load'], title: string, ...rest: [Measure, Floor?]): Scenario {
  const [measure, floor] = rest;
  return { name, load, rows: [{ title, measure, ...(floor && { floor }) }] };
}

function secure(load: Scenario['load']): Scenario['load'] {
  return { ...load, tls: true };
}

function latencies(title: string): Row[] {
  return [
    { title: `${title}, p50`, measure: LATENCY_P50 },
    { title: `${title}, p99`, measure: LATENCY_P99 },
  ];
}
