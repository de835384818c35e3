import { parseArgs } from 'node:util';
import { UsageError } from '../../src/errors.ts';

export const MODES = ['echo', 'fanout', 'idle', 'connect', 'http', 'rate'] as const;
export type Mode = (typeof MODES)[number];

export interface LoadOptions {
  readonly mode: Mode;
  /** In 127.0.0.0/8: this is a tool for one's own machine. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly tls: boolean;
  /** Speak Socket.IO's framing inside the WebSocket. */
  readonly socketio: boolean;
  /** Connections held open; in `connect` mode those being opened at the same time. */
  readonly connections: number;
  /** Messages sent and not yet answered, per connection (`fanout`: in total). */
  readonly inFlight: number;
  /** Payload of one message, in bytes. */
  readonly size: number;
  /** Messages per second over all connections, in `rate` mode. */
  readonly rate: number;
  /** Length of the measured window, in seconds. */
  readonly seconds: number;
  /** Load before the window, in seconds. */
  readonly warmUp: number;
  /** Processes of the server, whose CPU time and memory are read. */
  readonly pids: readonly number[];
}

export const DEFAULTS: LoadOptions = {
  mode: 'echo',
  host: '127.0.0.1',
  port: 0,
  path: '/',
  tls: false,
  socketio: false,
  connections: 50,
  inFlight: 1,
  size: 32,
  rate: 10_000,
  seconds: 2,
  warmUp: 1,
  pids: [],
};

const USAGE = `load MODE --port PORT [options]        MODE: ${MODES.join(' | ')}
  --host 127.x.y.z   --path /   --tls   --socketio
  -c, --connections N   -p, --in-flight N   -s, --size BYTES   --rate MESSAGES-PER-SECOND
  -t, --seconds S   -w, --warm-up S   --pids A,B (of the server)`;

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
  return checked({
    mode: modeOf(positionals),
    host: values.host ?? DEFAULTS.host,
    port: number('port', DEFAULTS.port, 1),
    path: values.path ?? DEFAULTS.path,
    tls: values.tls ?? false,
    socketio: values.socketio ?? false,
    connections: number('connections', DEFAULTS.connections, 1),
    inFlight: number('in-flight', DEFAULTS.inFlight, 1),
    size: number('size', DEFAULTS.size, 2),
    rate: number('rate', DEFAULTS.rate, 1),
    seconds: number('seconds', DEFAULTS.seconds, 0.05),
    warmUp: number('warm-up', DEFAULTS.warmUp, 0),
    pids: (values.pids ?? '').split(',').filter(Boolean).map(Number),
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
        path: text,
        tls: flag,
        socketio: flag,
        connections: { ...text, short: 'c' },
        'in-flight': { ...text, short: 'p' },
        size: { ...text, short: 's' },
        rate: text,
        seconds: { ...text, short: 't' },
        'warm-up': { ...text, short: 'w' },
        pids: text,
      },
    });
  } catch (error) {
    throw usage((error as Error).message);
  }
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
