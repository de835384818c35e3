import { readJson } from '../bus/json.ts';
import { UsageError } from '../errors.ts';

/** Of the bus: what this room says and hears. */
export const PORT = 2;

/** Something that was published, for those who are subscribed to one of the events. */
export interface Published {
  readonly on: readonly string[];
  readonly data: unknown;
}

/** A job, as a watcher is given it. */
export interface Handed {
  /** Of the process that has enqueued it. */
  readonly id: number;
  readonly queue: string;
  readonly attempt: number;
  /** Whether a watcher that has enough to do shall keep it: others have been tried. */
  readonly mayWait: boolean;
  readonly data: unknown;
}

/** Answered when whoever is asked has it for certain. */
export type Question =
  /** Of a producer: do these. Answered with an `Excuse`. */
  | { readonly take: readonly Handed[] }
  /** Of a watcher: these are done, those were not begun and go back. */
  | ({ readonly do: 'settle' } & Settled);

export interface Settled {
  readonly done: readonly number[];
  readonly back: readonly number[];
}

/** Jobs that a watcher has not taken. */
export interface Excuse {
  /** It has enough to do. */
  readonly busy: readonly number[];
  /** It does not do such jobs, or does no more. */
  readonly refused: readonly number[];
}

const NO_EXCUSE: Excuse = { busy: [], refused: [] };

/** @returns JSON; what is none becomes `null`. @throws {TypeError} it has a circle, or a BigInt. */
export function textOf(data: unknown): string {
  const text: string | undefined = JSON.stringify(data);
  return text ?? 'null';
}

/** @param text JSON of what is published. */
export function publishedFrame(on: readonly string[], text: string): Buffer {
  return Buffer.from(`{"on":${JSON.stringify(on)},"data":${text}}`);
}

/** @param jobs each with the JSON of its data. */
export function takeFrame(jobs: readonly (Omit<Handed, 'data'> & { readonly text: string })[]): Buffer {
  const handed = jobs.map(({ id, queue, attempt, mayWait, text }) => {
    const head = JSON.stringify({ id, queue, attempt, mayWait });
    return `${head.slice(0, -1)},"data":${text}}`;
  });
  return Buffer.from(`{"take":[${handed.join()}]}`);
}

export function settleFrame(settled: Settled): Buffer {
  const question: Question = { do: 'settle', ...settled };
  return Buffer.from(JSON.stringify(question));
}

/** @returns undefined for what another version may have sent. */
export function readPublished(payload: Buffer): Published | undefined {
  const published = readJson(payload) as Partial<Published> | null | undefined;
  return Array.isArray(published?.on) ? (published as Published) : undefined;
}

export function readExcuse(answer: Buffer): Excuse {
  return { ...NO_EXCUSE, ...(readJson(answer) as Partial<Excuse> | undefined) };
}

/** @throws {UsageError} it is no name. */
export function proveName(name: string, what: 'an event' | 'a queue'): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new UsageError('E_CHANNEL', `the name of ${what} is a text that is not empty`);
}
