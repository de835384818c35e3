/**
 * - `frame`: the server closed, and said why with `code` and `reason`.
 * - `broken`: the network broke, or the server could not be reached or refused the handshake: a browser does not tell
 *   which.
 * - `timeout`: it was not open within `connectTimeout`.
 * - `silence`: a ping was not answered.
 * - `url`: the function that gives the URL failed; `error` says how.
 * - `unusable`: the WebSocket does not take the URL or the protocols; `error` says why.
 * - `renewed`: `reconnect()` was called, or the network came back.
 * - `hidden`: the browser froze the page, or keeps it for the way back.
 * - `closed`: `close()` was called.
 */
export type CloseManner =
  | 'frame'
  | 'broken'
  | 'timeout'
  | 'silence'
  | 'url'
  | 'unusable'
  | 'renewed'
  | 'hidden'
  | 'closed';

/** How one attempt or its connection ended. */
export interface LinkEnd {
  readonly how: CloseManner;
  /** As in a WebSocket's `close` event: 1006 without a close frame. */
  readonly code: number;
  readonly reason: string;
  /** What the runtime or the function for the URL gave; browsers give nothing about a broken connection. */
  readonly error?: unknown;
}

/** What `shouldReconnect` decides on. */
export interface Ending extends LinkEnd {
  /** False for an attempt that came to nothing. */
  readonly wasOpen: boolean;
  /** Attempts in a row that failed, or whose connection broke before `stableAfter`; 0 after one that lasted. */
  readonly failures: number;
}

export interface CloseCause extends Ending {
  /**
   * Seconds until the next attempt, `undefined` when there will be none. It waits longer while the browser is
   * offline or the page put away.
   */
  readonly retryIn: number | undefined;
  /** Messages that `send` accepted and that were not sent yet: they are kept, or, when this is the end, given up. */
  readonly unsent: number;
}

/** Our own doing, not a failure. */
const DELIBERATE = new Set<CloseManner>(['renewed', 'hidden', 'closed']);
/** The server is replaced, busy or leaving, and tells this to many clients at once. */
const TOLD_TO_MANY = new Set([1001, 1012, 1013]);
const PASSING = new Set([...TOLD_TO_MANY, 1005, 1006, 1011, 1014, 1015]);

/** What goes by without a `shouldReconnect`: any code but those of something passing is the server's last word. */
export function isPassing({ how, code }: LinkEnd): boolean {
  return how !== 'unusable' && PASSING.has(code);
}

export function isDeliberate({ how }: LinkEnd): boolean {
  return DELIBERATE.has(how);
}

/** Whether thousands may have been told the same at the same moment. */
export function isToldToMany({ how, code }: LinkEnd): boolean {
  return how === 'frame' && TOLD_TO_MANY.has(code);
}
