/** Of the lines on the control socket. A field that is added, changed or goes makes it a new one. */
export const CONTROL_VERSION = 1;

/** Longest line, in bytes, its end not counted. */
export const MAX_LINE = 65_536;

/** What the command line asks the master: one JSON line. */
export type ControlRequest = { readonly version: 1 } & (
  | { readonly command: 'status' }
  | { readonly command: 'connections'; readonly worker?: string }
  | { readonly command: 'stop'; readonly graceful: boolean; readonly worker?: string }
  | { readonly command: 'reload'; readonly graceful: boolean; readonly worker?: string }
  | { readonly command: 'scale'; readonly worker: string; readonly count: number }
);

/** Who is there? Answered in every version, without asking the service. */
export interface HelloRequest {
  readonly version: number;
  readonly command: 'hello';
}

/** The result of `hello`: the same in every version. */
export interface Hello {
  /** Of the master. */
  readonly pid: number;
  /** Real path. */
  readonly script: string;
  /** Which version of requests it understands. */
  readonly version: number;
}

/**
 * What the master answers: any number of `progress`, `working` and `part`, then one of the others; a JSON line
 * each. `failed` has this shape in every version.
 */
export type ControlAnswer = { readonly version: 1 } & ControlWord;

export type ControlWord =
  /** For a person who waits: `3 of 4 processes are through, 120 connections left`. */
  | { readonly type: 'progress'; readonly text: string }
  /** Every two seconds while a request is in hand: whoever hears nothing for longer need not wait on. */
  | { readonly type: 'working' }
  /** A piece of the result's JSON, when it is too long for one line. */
  | { readonly type: 'part'; readonly text: string }
  /** Done; what was asked for is the result. It is absent when it came in parts, and when there is none. */
  | { readonly type: 'done'; readonly result?: unknown }
  /** Not done: one line for the person, and whether it was asked wrong (`usage`). */
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      readonly fault: 'usage' | 'system';
    };
