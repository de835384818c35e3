import { generate } from '../run/generator.ts';
import type { Outcome } from '../run/results.ts';
import { Brokers } from './brokers.ts';
import type { Cluster, Contestant, ContestantName } from './contestants.ts';
import type { GroupLoad } from './loads.ts';

export interface TurnsOptions {
  readonly contestants: readonly Contestant[];
  readonly loads: readonly GroupLoad[];
  readonly rounds: number;
  /** Length of one measured window, in seconds. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

/** All rounds of all contestants under one load, in order. */
export interface LoadResult {
  readonly load: GroupLoad;
  readonly outcomes: ReadonlyMap<ContestantName, readonly Outcome[]>;
}

/** Servers and their compilers get a longer warm-up when they meet a load for the first time, in seconds. */
const FIRST_WARM_UP = 1;
const WARM_UP = 0.5;

/** Puts every load on all contestants, taking turns: A B C A B C. Their processes stay the same throughout. */
export async function takeTurns({ contestants, loads, ...options }: TurnsOptions): Promise<LoadResult[]> {
  const brokers = new Brokers();
  const players = contestants.map((contestant) => new Player(contestant, brokers));
  const results: LoadResult[] = [];
  try {
    for (const load of loads) results.push(await rounds(load, players, options));
  } finally {
    await Promise.all(players.map((player) => player.stop()));
    await brokers.stop();
  }
  return results;
}

async function rounds(
  load: GroupLoad,
  players: readonly Player[],
  { rounds, seconds, say }: Pick<TurnsOptions, 'rounds' | 'seconds' | 'say'>,
): Promise<LoadResult> {
  const outcomes = new Map<ContestantName, Outcome[]>(players.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const player of players) {
      const warmUp = round === 0 ? FIRST_WARM_UP : WARM_UP;
      const outcome = await player.play({ ...load.load, seconds, warmUp });
      outcomes.get(player.name)?.push(outcome);
      say(`${load.name} ${round + 1}/${rounds} ${player.name}: ${described(outcome)}`);
    }
  }
  return { load, outcomes };
}

class Player {
  readonly #contestant: Contestant;
  readonly #brokers: Brokers;
  #cluster: Cluster | undefined;

  constructor(contestant: Contestant, brokers: Brokers) {
    this.#contestant = contestant;
    this.#brokers = brokers;
  }

  get name(): ContestantName {
    return this.#contestant.name;
  }

  /** After a failure it begins anew. */
  async play(load: GroupLoad['load']): Promise<Outcome> {
    const { missing } = this.#contestant;
    if (missing !== undefined) return { failure: missing };
    try {
      this.#cluster ??= await this.#contestant.start(this.#brokers);
      const outcome = await generate(this.#cluster.aim, load);
      if ('failure' in outcome) await this.stop();
      return outcome;
    } catch (error) {
      await this.stop();
      return { failure: (error as Error).message };
    }
  }

  async stop(): Promise<void> {
    await this.#cluster?.stop();
    this.#cluster = undefined;
  }
}

function described(outcome: Outcome): string {
  if ('failure' in outcome) return `✗ ${outcome.failure}`;
  const { serverMicroseconds, serverShare, generatorShare, perSecond } = outcome;
  const cost = serverMicroseconds === null ? 'not measurable here' : `${serverMicroseconds.toFixed(2)} µs`;
  const shares = [serverShare, generatorShare].map((share) => share?.toFixed(2) ?? '?');
  return `${cost} a delivery, ${Math.round(perSecond)}/s (server ${shares[0]}, generator ${shares[1]})`;
}
