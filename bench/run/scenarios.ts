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
const IDLE = { mode: 'idle', connections: 5000 } as const;
const HTTP = { mode: 'http', connections: 50 } as const;
const LINES = { mode: 'text', connections: 200, size: 32 } as const;
const RATE = { mode: 'rate', connections: 100, size: 32, rate: 5000 } as const;

/** In the order in which they run. The floors are promises: `--assert` holds us to them. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'echo', load: ECHO, rows: message('echo 32 B, 1 in flight', 1.25) },
  { name: 'echo-32', load: DEEP, rows: message('echo 32 B, 32 in flight', 10) },
  { name: 'echo-16k', load: LARGE, rows: message('echo 16 KiB', 1) },
  { name: 'fanout', load: FANOUT, rows: message('fan-out 64 B to 1,000', 1.3) },
  { name: 'wss-echo', load: secure(ECHO), rows: message('wss echo 32 B, 1 in flight', 1.05) },
  { name: 'wss-echo-32', load: secure(DEEP), rows: message('wss echo 32 B, 32 in flight', 3) },
  { name: 'wss-echo-16k', load: secure(LARGE), rows: message('wss echo 16 KiB', 0.85) },
  { name: 'wss-fanout', load: secure(FANOUT), rows: message('wss fan-out 64 B to 1,000', 0.95) },
  { name: 'connect', load: CONNECT, rows: [{ title: 'connect, upgrade, close', measure: PER_CONNECT }] },
  {
    name: 'wss-connect',
    load: secure(CONNECT),
    rows: [{ title: 'wss connect, upgrade, close', measure: PER_CONNECT }],
  },
  { name: 'idle', load: IDLE, rows: memory('idle connection', 7.5) },
  { name: 'wss-idle', load: secure(IDLE), rows: memory('idle wss connection', 32) },
  {
    name: 'http',
    load: HTTP,
    rows: [{ title: 'HTTP hello, kept alive', measure: PER_REQUEST, floor: { ratio: 1.4 } }],
  },
  { name: 'text', load: LINES, rows: message('text echo 32 B, 1 in flight') },
  {
    name: 'text-32',
    load: { ...LINES, connections: 50, inFlight: 32 },
    rows: message('text echo 32 B, 32 in flight', 1.5),
  },
  { name: 'rate', load: RATE, rows: latencies('5,000 echoes/s') },
  { name: 'wss-rate', load: secure(RATE), rows: latencies('5,000 wss echoes/s') },
];

/** @param ratio what we promise against `ws`, if anything. */
function message(title: string, ratio?: number): Row[] {
  return [{ title, measure: PER_MESSAGE, ...(ratio === undefined ? {} : { floor: { ratio } }) }];
}

/** @param most what we promise to need at most, in KiB. */
function memory(title: string, most: number): Row[] {
  return [{ title, measure: MEMORY, floor: { most } }];
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
