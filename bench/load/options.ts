import { parseArgs } from 'node:util';
import { UsageError } from '../../src/errors.ts';

export const MODES = [
  'echo',
  'fanout',
  'group',
  'group-rate',
  'idle',
  'connect',
  'http',
  'text',
  'rate',
] as const;
export type Mode = (typeof MODES)[number];

export interface LoadOptions {
  readonly mode: Mode;
  /** In 127.0.0.0/8: this is a tool for one's own machine. */
  readonly host: string;
  readonly port: number;
  /** Of the other processes that hold connections: they are opened there in turns. */
  readonly morePorts: readonly number[];
  /** Where the server is told, a line for each message, what to publish (`group`, `group-rate`). */
  readonly control: number;
  readonly path: string;
  readonly tls: boolean;
  /** Speak Socket.IO's framing inside the WebSocket. */
  readonly socketio: boolean;
  /** Connections held open; in `connect` mode those being opened at the same time. */
  readonly connections: number;
  /** Messages sent and not yet answered, per connection (`fanout`, `group`: in total). */
  readonly inFlight: number;
  /** Payload of one message, in bytes. */
  readonly size: number;
  /** Messages per second over all connections (`rate`), or published for all of them (`group-rate`). */
  readonly rate: number;
  /** Messages that are due at the same moment, in `group-rate` mode. */
  readonly burst: number;
  /** Length of the measured window, in seconds. */
  readonly seconds: number;
  /** Load before the window, in seconds. */
  readonly warmUp: number;
  /** Processes of the server, whose CPU time and memory are read. */
  readonly pids: readonly number[];
  /** Processes that the server cannot do without and that are not its own, such as a database. */
  readonly beside: readonly number[];
}

export const DEFAULTS: LoadOptions = {
  mode: 'echo',
  host: '127.0.0.1',
  port: 0,
  morePorts: [],
  control: 0,
  path: '/',
  tls: false,
  socketio: false,
  connections: 50,
  inFlight: 1,
  size: 32,
  rate: 10_000,
  burst: 1,
  seconds: 2,
  warmUp: 1,
  pids: [],
  beside: [],
};

const USAGE = `load MODE --port PORT[,PORT…] [options]        MODE: ${MODES.join(' | ')}
  --host 127.x.y.z   --path /   --tls   --socketio   --control PORT (group, group-rate)
  -c, --connections N   -p, --in-flight N   -s, --size BYTES   --rate MESSAGES-PER-SECOND   --burst N
  -t, --seconds S   -w, --warm-up S   --pids A,B (of the server)   --beside A,B`;

/**
 * Reads the command line of the load generator.
 *
 * @throws {UsageError} for an unknown mode, a number out of its range, a host that is not this machine.
 */
export function readOptions(words: readonly string[]): LoadOptions {
  const { values, positionals } = parse(words);
  const number = (name: keyof typeof values, otherwise: number, least: number): number => {
    const given = values[name] === undefined ? otherwise : Number(values[name]);
    if (!(given >= least))
      throw usage(`--${name} ${String(values[name])}: must be a number of at least ${least}`);
    return given;
  };
  const [port = DEFAULTS.port, ...morePorts] = numbers(values.port);
  if (![port, ...morePorts].every((one) => one >= 1)) throw usage('--port: name one');
  return checked({
    mode: modeOf(positionals),
    host: values.host ?? DEFAULTS.host,
    port,
    morePorts,
    control: number('control', DEFAULTS.control, 0),
    path: values.path ?? DEFAULTS.path,
    tls: values.tls ?? false,
    socketio: values.socketio ?? false,
    connections: number('connections', DEFAULTS.connections, 1),
    inFlight: number('in-flight', DEFAULTS.inFlight, 1),
    size: number('size', DEFAULTS.size, 2),
    rate: number('rate', DEFAULTS.rate, 1),
    burst: number('burst', DEFAULTS.burst, 1),
    seconds: number('seconds', DEFAULTS.seconds, 0.05),
    warmUp: number('warm-up', DEFAULTS.warmUp, 0),
    pids: numbers(values.pids),
    beside: numbers(values.beside),
  });
}

function parse(words: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        host: text,
        port: text,
        control: text,
        path: text,
        tls: flag,
        socketio: flag,
        connections: { ...text, short: 'c' },
        'in-flight': { ...text, short: 'p' },
        size: { ...text, short: 's' },
        rate: text,
        burst: text,
        seconds: { ...text, short: 't' },
        'warm-up': { ...text, short: 'w' },
        pids: text,
        beside: text,
      },
    });
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function numbers(list = ''): number[] {
  return list.split(',').filter(Boolean).map(Number);
}

function modeOf(positionals: readonly string[]): Mode {
  const mode = MODES.find((name) => name === positionals[0]);
  if (!mode || positionals.length !== 1) throw usage('name one mode');
  return mode;
}

function checked(options: LoadOptions): LoadOptions {
  if (!/^127(\.\d{1,3}){3}$/.test(options.host))
    throw usage(`--host ${options.host}: only 127.0.0.0/8 is allowed`);
  return options;
}

function usage(reason: string): UsageError {
  return new UsageError('E_USAGE', `${reason}\n${USAGE}`);
}
