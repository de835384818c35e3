import type { CloseCause } from './close-cause.ts';
import type { Data, Received } from './socket.ts';

/**
 * - `connecting`: an attempt is under way.
 * - `open`: what is sent goes out at once.
 * - `waiting`: for the next attempt, the network, or the page to be shown.
 * - `closing`: `close()` was called, and the server has not answered yet.
 * - `closed`: for good, but for `reconnect()`.
 */
export type Status = 'connecting' | 'open' | 'waiting' | 'closing' | 'closed';

export interface ClientEvents<In> {
  message: In;
  /** Whether it is open *again*: what happened meanwhile was missed. */
  open: boolean;
  /** A connection, or an attempt, has ended; `retryIn` tells whether this is the end. */
  close: CloseCause;
  status: Status;
}

export interface SendOptions {
  /** False: do not keep it for the next connection; refuse it unless it can go out at once. */
  readonly queue?: boolean;
}

/** A connection that comes back. */
export interface Client<In = Received, Out = Data> {
  readonly status: Status;
  /** Bytes accepted by `send` and not yet handed to the network. */
  readonly bufferedAmount: number;
  /** The subprotocol that the server chose; `''` without one, or while not open. */
  readonly protocol: string;

  /**
   * Hears `message`, `open`, `close` or `status`. What is sent in a listener of `open` goes out before what waited.
   *
   * @returns how to stop hearing.
   */
  on<Name extends keyof ClientEvents<In>>(
    name: Name,
    listener: (value: ClientEvents<In>[Name]) => void,
  ): () => void;

  /**
   * Sends one message, now or when the connection is open again: each at most once, and those that waited in order.
   *
   * @returns true when it was accepted; false when it was refused: closed, too much waits, or not to be queued.
   */
  send(message: Out, options?: SendOptions): boolean;

  /** Replaces the connection at once, or opens it again after its end; the URL is asked for anew. */
  reconnect(): void;

  /**
   * Closes for good, after what was handed to the network. What still waits for a connection is given up, and counted
   * in `unsent`.
   *
   * @param code 1000, or 3000 to 4999.
   * @param reason at most 123 bytes of UTF-8.
   * @throws {RangeError} the code may not be sent, or the reason is too long.
   */
  close(code?: number, reason?: string): void;
}
