import type { Codec } from '../protocol/codec.ts';
import type { Budget } from './budget.ts';
import type { AnyHandlers } from './callbacks.ts';
import type { CloseCause } from './close-cause.ts';
import type { Limits } from './limits.ts';
import type { Stage } from './stage.ts';
import type { Beginning } from './switching.ts';
import type { Tally } from './tally.ts';
import type { TcpConnection } from './tcp-connection.ts';
import type { Watch } from './watch.ts';

/** Where connections live: what they share, and who wants to know that they leave. */
export interface Host {
  readonly limits: Limits;
  readonly budget: Budget;
  readonly watch: Watch;
  /** As they are now; each connection keeps those of its birth. */
  readonly handlers: AnyHandlers;
  /** The stage and the codec that a new connection begins with. */
  readonly stage: Stage;
  makeCodec(): Codec<unknown, unknown>;
  /** @throws {UsageError} no connection of this host can go on in that protocol. */
  beginningIn(protocol: unknown): Beginning;
  /** Makes the `context` of a connection when it is first asked for. */
  makeContext(): unknown;
  /** The worker stops: what is under way is finished, nothing new is begun. */
  readonly stopping: boolean;
  /** The close code for WebSockets that are dismissed while it stops. */
  readonly farewell: number;
  readonly tally: Tally;
  /** An asynchronous message handler is awaited before the next message. */
  readonly ordered: boolean;
  nextId(): number;
  /** False when the client that a proxy has told of has too many connections. */
  welcomes(connection: TcpConnection): boolean;
  leave(connection: TcpConnection, cause: CloseCause): void;
}
