/** Who closed a connection, how, and what had gone over it: a small record that every border feeds. */
export interface CloseCause {
  /** Whose decision it was: the peer's, ours, or nobody's (the network). */
  readonly by: 'peer' | 'us' | 'network';
  readonly how: CloseManner;
  /** WebSocket: the code that `onclose` shows in a browser (RFC 6455 §7.1.5); 1006 without a close frame. */
  readonly code: number;
  readonly reason: string;
  /** The close frame that we sent. */
  readonly sent?: CloseStatus;
  /** The close frame that the peer sent; code 1005 when it was empty. */
  readonly received?: CloseStatus;
  /** Seconds since the peer last showed life: sent a byte, or took some that had waited. */
  readonly idle: number;
  /** Seconds since the connection was opened. */
  readonly age: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly error?: Error;
}

/**
 * - `frame`: a WebSocket close handshake.
 * - `fin`: the transport was ended in order, without a close frame.
 * - `reset`: the transport broke.
 * - `deadline`: something took too long; `reason` says what.
 * - `protocol`: the peer broke a rule.
 * - `limit`: a limit was exceeded.
 * - `refused`: the request or the upgrade was answered with an error.
 * - `handler`: a callback threw.
 * - `destroyed`: `destroy()` was called.
 */
export type CloseManner =
  | 'frame'
  | 'fin'
  | 'reset'
  | 'deadline'
  | 'protocol'
  | 'limit'
  | 'refused'
  | 'handler'
  | 'destroyed';

export interface CloseStatus {
  readonly code: number;
  readonly reason: string;
}

/** What is known of a close while it is under way; the first to say who and how is right. */
export interface CloseNotes {
  by?: CloseCause['by'];
  how?: CloseManner;
  reason?: string;
  sent?: CloseStatus;
  received?: CloseStatus;
  error?: Error;
}

export interface Tally {
  readonly idle: number;
  readonly age: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** Completes the notes of a connection that has closed. */
export function concludeClose(notes: CloseNotes, tally: Tally): CloseCause {
  const { sent, received, error } = notes;
  const how = received && (notes.how === undefined || notes.how === 'fin') ? 'frame' : (notes.how ?? 'fin');
  return {
    by: notes.by ?? 'network',
    how,
    code: received?.code ?? 1006,
    reason: received?.reason || sent?.reason || notes.reason || '',
    ...(sent ? { sent } : {}),
    ...(received ? { received } : {}),
    ...(error ? { error } : {}),
    ...tally,
  };
}
