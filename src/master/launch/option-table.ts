import { nearest } from '../../nearest.ts';
import type { WorkerOptions } from '../../worker/options.ts';

/** What the value of an option has to be; `any` where whoever reads it has rules of its own. */
type Kind = 'amount' | 'count' | 'flag' | 'text' | 'function' | 'any';

/** Every option of a worker: one that is missing here does not compile. */
const KINDS: Readonly<Record<keyof WorkerOptions | 'protocol', Kind>> = {
  maxPackageSize: 'amount',
  maxSendBufferSize: 'amount',
  maxQueued: 'amount',
  stallTimeout: 'amount',
  overflow: 'any',
  maxBuffered: 'amount',
  maxConnections: 'amount',
  maxConnectionsPerIp: 'amount',
  maxMessagesPerSecond: 'amount',
  handshakeTimeout: 'amount',
  upgradeTimeout: 'amount',
  minBodyRate: 'amount',
  answerTimeout: 'amount',
  keepAliveTimeout: 'amount',
  pingInterval: 'amount',
  idleTimeout: 'amount',
  closeTimeout: 'amount',
  drainTimeout: 'amount',
  maxInflateRatio: 'amount',
  origins: 'any',
  trustProxy: 'any',
  proxyProtocol: 'any',
  ssl: 'any',
  acme: 'any',
  redirectPort: 'amount',
  transport: 'any',
  name: 'text',
  count: 'count',
  accept: 'any',
  path: 'any',
  protocol: 'any',
  protocols: 'any',
  deflate: 'any',
  ordered: 'flag',
  streamBody: 'any',
  context: 'function',
  maxMemory: 'amount',
  maxRequests: 'amount',
  reloadable: 'flag',
  reloadRate: 'amount',
  gracefulTimeout: 'amount',
  user: 'text',
  group: 'text',
  backlog: 'amount',
  socket: 'any',
  onConnect: 'function',
  onMessage: 'function',
  onClose: 'function',
  onError: 'function',
  onBufferFull: 'function',
  onBufferDrain: 'function',
  onWebSocketConnect: 'function',
  onWebSocketConnected: 'function',
  onWebSocketMessage: 'function',
  onWebSocketPing: 'function',
  onWebSocketPong: 'function',
  onWebSocketClose: 'function',
  onRequest: 'function',
};

const CHECKS: Readonly<Record<Kind, readonly [holds: (value: unknown) => boolean, wanted: string]>> = {
  amount: [(value) => typeof value === 'number' && value >= 0, 'a number from 0 on'],
  count: [(value) => Number.isInteger(value) && Number(value) >= 1, 'a whole number from 1 on'],
  flag: [(value) => typeof value === 'boolean', 'true or false'],
  text: [(value) => typeof value === 'string' && value !== '', 'a text'],
  function: [(value) => typeof value === 'function' || value === null, 'a function'],
  any: [() => true, ''],
};

/** What is wrong with the options of a worker, a line each: an unknown name, a value of the wrong kind. */
export function optionFaults(options: Readonly<Record<string, unknown>>): {
  readonly unknown: readonly string[];
  readonly wrong: readonly string[];
} {
  const unknown: string[] = [];
  const wrong: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(KINDS, name)) unknown.push(unknownOption(name));
    else if (value !== undefined) wrong.push(...wrongValue(name as keyof WorkerOptions, value));
  }
  return { unknown, wrong };
}

function unknownOption(name: string): string {
  const meant = nearest(name, Object.keys(KINDS));
  return `there is no option ${name}; ${meant === undefined ? 'leave it out' : `did you mean ${meant}?`}`;
}

function wrongValue(name: keyof WorkerOptions, value: unknown): string[] {
  const [holds, wanted] = CHECKS[KINDS[name]];
  if (holds(value)) return [];
  const shown = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return [`${name} has to be ${wanted}, not ${shown.slice(0, 60)}`];
}
