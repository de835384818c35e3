/** What the command line asks the master: one JSON line. */
export type ControlRequest = { readonly version: 1 } & (
  | { readonly command: 'status' }
  | { readonly command: 'connections'; readonly worker?: string }
  | { readonly command: 'stop'; readonly graceful: boolean; readonly worker?: string }
  | { readonly command: 'reload'; readonly graceful: boolean; readonly worker?: string }
  | { readonly command: 'scale'; readonly worker: string; readonly count: number }
);

/** What the master answers: any number of `progress`, then one of the others; a JSON line each. */
export type ControlAnswer =
  /** For a person who waits: `3 of 4 processes are through, 120 connections left`. */
  | { readonly type: 'progress'; readonly text: string }
  /** Done; what `status` and `connections` have asked for is the result. */
  | { readonly type: 'done'; readonly result?: unknown }
  /** Not done: one line for the person. */
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
