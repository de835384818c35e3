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

const USAGE = `npm run bench -- [options]         (npm run bench -- cluster [options]: several processes)
  --quick            ours and ws, one round of one second: two minutes instead of 25
  --rounds N         rounds, 5      --seconds S   length of one measurement, 2
  --only A,B         of ${SCENARIOS.map(({ name }) => name).join(', ')}
  --peers A,B        of ${PEER_NAMES.join(', ')}
  --assert           exit with 1 when one of our floors is missed
  --write            put the result into docs/performance.md`;

/** @throws {UsageError} for an unknown option, name or number; its message is the help. */
export function readBenchOptions(words: readonly string[]): BenchOptions {
  const { only, peers, ...choices } = readChoices(words, {
    usage: USAGE,
    rows: SCENARIOS.map(({ name }) => name),
    peers: PEER_NAMES,
    quickPeers: ['ours', 'ws'],
    rounds: 5,
    seconds: 2,
  });
  return { ...choices, peers, scenarios: SCENARIOS.filter(({ name }) => only.includes(name)) };
}

/** What can be chosen, and what is chosen when nothing is said. */
export interface Menu<Name extends string> {
  readonly usage: string;
  readonly rows: readonly string[];
  readonly peers: readonly Name[];
  /** Those of `--quick`. */
  readonly quickPeers: readonly Name[];
  readonly rounds: number;
  readonly seconds: number;
}

export interface Choices<Name extends string> {
  readonly only: readonly string[];
  readonly peers: readonly Name[];
  readonly rounds: number;
  readonly seconds: number;
  readonly assert: boolean;
  readonly write: boolean;
}

/** @throws {UsageError} for what is not on the menu; its message is the help. */
export function readChoices<Name extends string>(words: readonly string[], menu: Menu<Name>): Choices<Name> {
  const helped = <Result>(read: () => Result): Result => {
    try {
      return read();
    } catch (error) {
      throw new UsageError('E_USAGE', `${(error as Error).message}\n\n${menu.usage}`);
    }
  };
  return helped(() => {
    const given = parse(words);
    const quick = given.quick ?? false;
    const only = list(given.only, menu.rows);
    const peers = given.peers === undefined && quick ? menu.quickPeers : list(given.peers, menu.peers);
    const isWhole = only.length === menu.rows.length && peers.length === menu.peers.length;
    const write = given.write ?? false;
    if (write && !isWhole) throw new Error('--write is for a whole run: all rows, all peers');
    return {
      only,
      peers,
      rounds: number('rounds', given.rounds, quick ? 1 : menu.rounds),
      seconds: number('seconds', given.seconds, quick ? 1 : menu.seconds),
      assert: given.assert ?? false,
      write,
    };
  });
}

function parse(
  words: readonly string[],
): Partial<Record<(typeof TEXTS)[number], string> & Record<(typeof FLAGS)[number], boolean>> {
  const texts = TEXTS.map((name) => [name, { type: 'string' }] as const);
  const flags = FLAGS.map((name) => [name, { type: 'boolean' }] as const);
  return parseArgs({ args: [...words], options: Object.fromEntries([...texts, ...flags]) }).values;
}

const TEXTS = ['only', 'peers', 'rounds', 'seconds'] as const;
const FLAGS = ['quick', 'assert', 'write'] as const;

function list<Name extends string>(given: string | undefined, known: readonly Name[]): readonly Name[] {
  if (given === undefined) return known;
  const asked = given.split(',');
  const unknown = asked.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) throw new Error(`${unknown}: no such name`);
  return known.filter((name) => asked.includes(name));
}

function number(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (!(value > 0) || (name === 'rounds' && !Number.isInteger(value)))
    throw new Error(`--${name} ${given}: not a number`);
  return value;
}
