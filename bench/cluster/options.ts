import { readChoices } from '../run/options.ts';
import { CONTESTANT_NAMES, type ContestantName } from './contestants.ts';
import { type GroupLoad, LOADS } from './loads.ts';

export interface ClusterOptions {
  readonly loads: readonly GroupLoad[];
  readonly peers: readonly ContestantName[];
  readonly rounds: number;
  readonly seconds: number;
  /** Exit with 1 when a floor is missed. */
  readonly assert: boolean;
  /** Put the result into docs/performance.md. */
  readonly write: boolean;
}

const USAGE = `npm run bench -- cluster [options]
  --quick            one round of one second: one minute instead of six
  --rounds N         rounds, 5      --seconds S   length of one measurement, 2
  --only A,B         of ${LOADS.map(({ name }) => name).join(', ')}
  --peers A,B        of ${CONTESTANT_NAMES.join(', ')}
  --assert           exit with 1 when one of our floors is missed
  --write            put the result into docs/performance.md`;

/** @throws {UsageError} for an unknown option, name or number; its message is the help. */
export function readClusterOptions(words: readonly string[]): ClusterOptions {
  const { only, ...choices } = readChoices(words, {
    usage: USAGE,
    rows: LOADS.map(({ name }) => name),
    peers: CONTESTANT_NAMES,
    quickPeers: CONTESTANT_NAMES,
    rounds: 5,
    seconds: 2,
  });
  return { ...choices, loads: LOADS.filter(({ name }) => only.includes(name)) };
}
