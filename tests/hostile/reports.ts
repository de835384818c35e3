import type { CloseCause, WorkerOptions } from 'usta';

/** What a server under attack is started with. */
export interface Plan {
  /** Options of its workers; only what JSON can carry. */
  readonly options: Pick<WorkerOptions, PlainOption>;
  /** Given when it also listens with TLS, in PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

type PlainOption = {
  [Key in keyof WorkerOptions]-?: NonNullable<WorkerOptions[Key]> extends (...args: never) => unknown
    ? never
    : Key;
}[keyof WorkerOptions];

/** What the server process tells by itself. */
export type Report =
  | { readonly kind: 'ready'; readonly ws: number; readonly wss: number }
  /** `onClose` was called; `port` is the client's. */
  | { readonly kind: 'closed'; readonly port: number; readonly path: string; readonly cause: CloseCause }
  /** `onError` was called. */
  | { readonly kind: 'error'; readonly port: number; readonly code: number; readonly message: string }
  /** `send` has answered `false` after so many messages. */
  | { readonly kind: 'refused'; readonly port: number; readonly accepted: number; readonly queued: number }
  | { readonly kind: 'full' | 'drained'; readonly port: number }
  | { readonly kind: 'answer'; readonly to: number; readonly value: unknown };

/** What the server process is asked; it answers with an `answer` of the same number. */
export interface Question {
  readonly number: number;
  readonly ask: Ask;
}

export type Ask = 'baseline' | 'memory' | 'standing' | 'nap' | 'fail-next-connect' | 'answer-later' | 'stop';

/** Memory of the process, in bytes. */
export interface Memory {
  readonly resident: number;
  /** The most since `baseline` was asked. */
  readonly peak: number;
}

/** How the connections of the process stand. */
export interface Standing {
  readonly connections: number;
  /** Bytes that wait in the send queues: of all, and of the longest. */
  readonly queued: number;
  readonly longest: number;
  /** Bytes received from the open connections so far. */
  readonly read: number;
  /** Requests on `/later` that wait for their answer. */
  readonly waiting: number;
  /** Bytes that count in `maxBuffered`. */
  readonly held: number;
}
