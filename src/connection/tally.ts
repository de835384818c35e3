import type { CloseCause } from './close-cause.ts';

/** What the connections of one process have done; numbers only grow. */
export class Tally {
  messagesReceived = 0;
  messagesSent = 0;
  sendFailures = 0;
  /** Callbacks that have thrown or rejected. */
  handlerFailures = 0;
  /** Messages that did not fit their schema. */
  invalidMessages = 0;
  /** Of connections that have ended. */
  bytesRead = 0;
  bytesWritten = 0;
  /** Connections that have ended, by `CloseCause.how`. */
  readonly closes: Record<string, number> = {};

  ended({ how, bytesRead, bytesWritten }: CloseCause): void {
    this.closes[how] = (this.closes[how] ?? 0) + 1;
    this.bytesRead += bytesRead;
    this.bytesWritten += bytesWritten;
  }
}
