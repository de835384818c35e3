import type { Request } from '../protocol/http/request.ts';
import type { TcpConnection } from './tcp-connection.ts';

/** Has something to do before an answer may leave, and perhaps something to say in it. */
export interface Preparation {
  /** Whether there is something to do at this moment. */
  readonly isNeeded: boolean;
  /** Does it; what it rejects with becomes the failure of the handler. */
  prepare(): Promise<void>;
  /** The head of the answer leaves. @returns lines for it, each with its CRLF. */
  leave(): string;
}

/** What waits for the answer to one request, besides whoever sends it. Made for those requests that need it. */
export class Answering {
  readonly #before: Preparation[] = [];
  readonly #after: (() => void)[] = [];

  beforeAnswer(preparation: Preparation): void {
    this.#before.push(preparation);
  }

  /** What follows when the answer was sent, or nobody is left to send it to. */
  afterAnswer(act: () => void): void {
    this.#after.push(act);
  }

  get needsPreparing(): boolean {
    return this.#before.some(({ isNeeded }) => isNeeded);
  }

  /** The head of the answer leaves. @returns lines for it, each with its CRLF. */
  leave(): string {
    return this.#before.map((preparation) => preparation.leave()).join('');
  }

  async prepare(): Promise<void> {
    for (const preparation of this.#before) if (preparation.isNeeded) await preparation.prepare();
  }

  /** The answer was sent, or the connection has gone. */
  over(): void {
    for (const act of this.#after.splice(0)) act();
  }
}

/** @returns that of a request which is being served; `undefined` once it was answered, or its connection has gone. */
export function answeringOf(request: Request): Answering | undefined {
  const connection = connectionOf(request);
  if (connection?.request !== request || connection.isClosed) return undefined;
  return connection.openAnswering();
}

/** @returns what it came by; `undefined` for one that was made by hand. */
export function connectionOf(request: Request): TcpConnection | undefined {
  return request.connection as TcpConnection | undefined;
}
