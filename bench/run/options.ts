import { parseArgs } from 'node:util';
import { UsageError } from '../../src/errors.ts';
import { PEER_NAMES, type PeerName } from './peers.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

export interface BenchOptions {
  readonly scenarios: readonly Scenario[];
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  readonly seconds: number;
  /** Exit with 1 when a floor is missed. */
  readonly assert: boolean;
  /** Put the result into docs/performance.md. */
  readonly write: boolean;
}

const USAGE = `npm run bench -- [options]
  --quick            ours and ws, one round of one second: two minutes instead of 25
  --rounds N         rounds, 5      --seconds S   length of one measurement, 2
  --only A,B         of ${SCENARIOS.map(({ name }) => name).join(', ')}
  --peers A,B        of ${PEER_NAMES.join(', ')}
  --assert           exit with 1 when one of our floors is missed
  --write            put the result into docs/performance.md`;

/** @throws {UsageError} for an unknown option, name or number; its message is the help. */
export function readBenchOptions(words: readonly string[]): BenchOptions {
  const given = parse(words);
  const quick = given.quick ?? false;
  const names = list(
    given.only,
    SCENARIOS.map(({ name }) => name),
  );
  const options = {
    scenarios: SCENARIOS.filter(({ name }) => names.includes(name)),
    peers: list(given.peers ?? (quick ? 'ours,ws' : undefined), PEER_NAMES),
    rounds: number('rounds', given.rounds, quick ? 1 : 5),
    seconds: number('seconds', given.seconds, quick ? 1 : 2),
    assert: given.assert ?? false,
    write: given.write ?? false,
  };
  const isWhole = names.length === SCENARIOS.length && options.peers.length === PEER_NAMES.length;
  if (options.write && !isWhole) throw usage('--write is for a whole run: all rows, all peers');
  return options;
}

function parse(
  words: readonly string[],
): Partial<Record<(typeof TEXTS)[number], string> & Record<(typeof FLAGS)[number], boolean>> {
  const texts = TEXTS.map((name) => [name, { type: 'string' }] as const);
  const flags = FLAGS.map((name) => [name, { type: 'boolean' }] as const);
  try {
    return parseArgs({ args: [...words], options: Object.fromEntries([...texts, ...flags]) }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
}

const TEXTS = ['only', 'peers', 'rounds', 'seconds'] as const;
const FLAGS = ['quick', 'assert', 'write'] as const;

function list<Name extends string>(given: string | undefined, known: readonly Name[]): readonly Name[] {
  if (given === undefined) return known;
  const asked = given.split(',');
  const unknown = asked.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) throw usage(`${unknown}: no such name`);
  return known.filter((name) => asked.includes(name));
}

function number(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (!(value > 0) || (name === 'rounds' && !Number.isInteger(value)))
    throw usage(`--${name} ${given}: not a number`);
  return value;
}

function usage(reason: string): UsageError {
  return new UsageError('E_USAGE', `${reason}\n\n${USAGE}`);
}
