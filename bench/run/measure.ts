import { canPin } from './belongings.ts';
import { generate } from './generator.ts';
import type { Peer, PeerName } from './peers.ts';
import type { Outcome, ScenarioResult } from './results.ts';
import type { Scenario } from './scenarios.ts';
import { type KeyFiles, type Server, startServer } from './server.ts';

export interface MeasureOptions {
  readonly peers: readonly Peer[];
  readonly rounds: number;
  /** Length of one measured window, in seconds. */
  readonly seconds: number;
  readonly files: KeyFiles;
  readonly say: (line: string) => void;
}

/** A server and its compiler get a longer warm-up when they meet a load for the first time, in seconds. */
const FIRST_WARM_UP = 1;
const WARM_UP = 0.5;

/**
 * Puts one scenario on all peers, taking turns: A B C A B C. Each has a server of its own that serves
 * nothing else, or a fresh one for each turn where the scenario needs it.
 */
export async function measure(scenario: Scenario, options: MeasureOptions): Promise<ScenarioResult> {
  const contestants = options.peers.map((peer) => new Contestant(peer, scenario, options));
  try {
    for (let round = 0; round < options.rounds; round++) {
      for (const contestant of contestants) await contestant.turn(round);
    }
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.stop()));
  }
  return { scenario, outcomes: new Map(contestants.map(({ name, outcomes }) => [name, outcomes])) };
}

class Contestant {
  readonly outcomes: Outcome[] = [];
  readonly #peer: Peer;
  readonly #scenario: Scenario;
  readonly #options: MeasureOptions;
  readonly #startsAnew: boolean;
  #server: Server | undefined;

  constructor(peer: Peer, scenario: Scenario, options: MeasureOptions) {
    this.#peer = peer;
    this.#scenario = scenario;
    this.#options = options;
    this.#startsAnew = scenario.rows.some((row) => row.measure.needsFreshServer);
  }

  get name(): PeerName {
    return this.#peer.name;
  }

  async turn(round: number): Promise<void> {
    const outcome = await this.#outcome(round === 0 ? FIRST_WARM_UP : WARM_UP);
    this.outcomes.push(outcome);
    const place = `${this.#scenario.name} ${round + 1}/${this.#options.rounds} ${this.name}`;
    this.#options.say(`${place}: ${this.#describe(outcome)}`);
    if (this.#startsAnew) await this.stop();
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  async #outcome(warmUp: number): Promise<Outcome> {
    if (this.#peer.missing) return { failure: this.#peer.missing };
    try {
      this.#server ??= await startServer(this.#peer, this.#options.files);
      const { seconds } = this.#options;
      const { load } = this.#scenario;
      const { pid, ws, wss, text } = this.#server;
      const port = load.mode === 'text' ? text : load.tls ? wss : ws;
      if (Number.isNaN(port)) return { failure: 'it has no port for this' };
      const aim = { ports: [port], pids: [pid], socketio: this.name === 'socketio' };
      return await generate(aim, { ...load, seconds, warmUp });
    } catch (error) {
      return { failure: (error as Error).message };
    }
  }

  #describe(outcome: Outcome): string {
    if ('failure' in outcome) return `✗ ${outcome.failure}`;
    const values = this.#scenario.rows.map(({ measure }) => {
      const value = measure.value(outcome);
      return value === null ? 'not measurable here' : `${measure.show(value)} ${measure.unit}`;
    });
    const shares = [outcome.serverShare, outcome.generatorShare].map((share) => share?.toFixed(2) ?? '?');
    return `${values.join(', ')} (server ${shares[0]}, generator ${shares[1]}${canPin() ? '' : ', not pinned'})`;
  }
}
