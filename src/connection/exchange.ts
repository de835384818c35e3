import type { Request } from '../protocol/http/request.ts';
import type { TcpConnection } from './tcp-connection.ts';

/** What waits for the answer to one request, besides whoever sent it. Made for those requests that need it. */
export class Exchange {
  /** Lines for the answer, each with its CRLF. */
  fields = '';
  #before: (() => Promise<void>)[] = [];
  #after: (() => void)[] = [];
  #preparing: Promise<void> | undefined;
  #isPrepared = false;

  /** What has to be done before the answer may leave; what it rejects with becomes the failure of the handler. */
  beforeAnswer(act: () => Promise<void>): void {
    this.#before.push(act);
  }

  /** What follows when the answer was sent, or nobody is left to send it to. */
  afterAnswer(act: () => void): void {
    this.#after.push(act);
  }

  get needsPreparing(): boolean {
    return !this.#isPrepared && (this.#before.length > 0 || this.#preparing !== undefined);
  }

  /** Does once what has to be done before the answer. */
  prepare(): Promise<void> {
    this.#preparing ??= this.#prepare();
    return this.#preparing;
  }

  /** The answer was sent, or the connection has gone. */
  over(): void {
    for (const act of this.#after.splice(0)) act();
  }

  async #prepare(): Promise<void> {
    for (let act = this.#before.shift(); act; act = this.#before.shift()) await act();
    this.#isPrepared = true;
  }
}

/** @returns that of a request which is being served; `undefined` once it was answered, or its connection has gone. */
export function exchangeOf(request: Request): Exchange | undefined {
  const connection = connectionOf(request);
  if (connection?.request !== request || connection.isClosed) return undefined;
  return connection.openExchange();
}

/** @returns what it came by; `undefined` for one that was made by hand. */
export function connectionOf(request: Request): TcpConnection | undefined {
  return request.connection as TcpConnection | undefined;
}
