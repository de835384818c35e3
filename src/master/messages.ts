import process from 'node:process';
import type { ChallengeAnswer } from '../certificates/acme/challenges.ts';
import type { Keys } from '../certificates/key-keeper.ts';
import type { Departure } from '../worker/departure.ts';

/** What the master tells a slot. A `listen` comes with the bound socket beside it. */
export type ToSlot =
  | { readonly type: 'listen'; readonly keys: Keys | undefined; readonly answers: readonly ChallengeAnswer[] }
  /** Comes with the bound socket beside it, once more. */
  | { readonly type: 'socket' }
  | { readonly type: 'keys'; readonly keys: Keys }
  | { readonly type: 'leave'; readonly departure: Departure; readonly reload: boolean }
  /** How many connections the processes of its worker have, on average. */
  | { readonly type: 'share'; readonly average: number }
  /** What is to be done once is this process's from now on, or from when its predecessor has stopped. */
  | { readonly type: 'duty'; readonly since: number | undefined }
  /** Only `onWorkerReload` is called: this worker is not to be replaced. */
  | { readonly type: 'reload' }
  | { readonly type: 'ask'; readonly number: number; readonly question: Question };

/** Answered with an `answer` of the same number: a `ProcessReport`, a list of `ConnectionReport`, or that it is done. */
export type Question =
  | { readonly about: 'process' }
  | { readonly about: 'connections' }
  /** To give while an authority proves a domain, and to confirm. */
  | { readonly about: 'challenges'; readonly answers: readonly ChallengeAnswer[] };

/** What a slot tells the master. */
export type ToMaster =
  | { readonly type: 'hello' }
  | { readonly type: 'ready' }
  /** It has closed its socket and wants to listen again. */
  | { readonly type: 'rebind' }
  /** It cannot serve; one line for the person. */
  | { readonly type: 'failed'; readonly message: string }
  /** It serves, but wants another in its place: why, for the log. */
  | { readonly type: 'recycle'; readonly reason: string }
  /** It does no more of what is to be done once, since this moment, in milliseconds since 1970. */
  | { readonly type: 'relieved'; readonly at: number }
  /** How many connections are left while it leaves. */
  | { readonly type: 'leaving'; readonly connections: number }
  /** How many connections it has, told when that has changed. */
  | { readonly type: 'load'; readonly connections: number }
  | { readonly type: 'answer'; readonly number: number; readonly answer: unknown };

/** Which place a process takes: the how-manieth process of the how-manieth worker of the script. */
export interface Place {
  readonly worker: number;
  readonly slot: number;
}

const VARIABLE = 'USTA_PLACE';

export function placeToEnvironment(place: Place): Record<string, string> {
  return { [VARIABLE]: `${place.worker}.${place.slot}` };
}

/** @returns the place that this process was started for, or undefined in the master and in what a slot has started. */
export function placeFromEnvironment(): Place | undefined {
  // Node tells only those that were forked: anybody else has inherited the variable from a slot.
  if (process.connected === undefined) return undefined;
  const [, worker, slot] = /^(\d+)\.(\d+)$/.exec(process.env[VARIABLE] ?? '') ?? [];
  return worker === undefined ? undefined : { worker: Number(worker), slot: Number(slot) };
}
