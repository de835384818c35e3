import process from 'node:process';
import type { ChallengeAnswer } from '../certificates/acme/challenges.ts';
import type { Keys } from '../certificates/key-keeper.ts';

/** What the master tells a slot. A `listen` comes with the bound socket beside it. */
export type ToSlot =
  | { readonly type: 'listen'; readonly keys: Keys | undefined; readonly answers: readonly ChallengeAnswer[] }
  | { readonly type: 'keys'; readonly keys: Keys }
  /** To give while an authority proves a domain; asks for an `answering` with this number. */
  | { readonly type: 'answers'; readonly answers: readonly ChallengeAnswer[]; readonly number: number }
  | { readonly type: 'stop' };

/** What a slot tells the master. */
export type ToMaster =
  | { readonly type: 'hello' }
  | { readonly type: 'ready' }
  /** The answers of this number are given. */
  | { readonly type: 'answering'; readonly number: number }
  /** It cannot serve; one line for the person. */
  | { readonly type: 'failed'; readonly message: string };

/** Which place a process takes: the how-manieth process of the how-manieth worker of the script. */
export interface Place {
  readonly worker: number;
  readonly slot: number;
}

const VARIABLE = 'USTA_PLACE';

export function placeToEnvironment(place: Place): Record<string, string> {
  return { [VARIABLE]: `${place.worker}.${place.slot}` };
}

/** @returns the place that this process was started for, or undefined in the master. */
export function placeFromEnvironment(): Place | undefined {
  const [, worker, slot] = /^(\d+)\.(\d+)$/.exec(process.env[VARIABLE] ?? '') ?? [];
  return worker === undefined ? undefined : { worker: Number(worker), slot: Number(slot) };
}
