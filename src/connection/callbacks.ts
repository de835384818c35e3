import { isThenable } from '../contained.ts';
import { HttpProtocolError, type PeerError, RequestAbortedError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import { Ends } from './ends.ts';
import { ErrorCode, type Handlers } from './handlers.ts';
import type { TcpConnection, WebSocketData } from './tcp-connection.ts';

/** Hears whatever happens to any connection; typed loosely, because one loop serves all protocols. */
export type AnyHandlers = Handlers<WebSocketData, unknown, Record<string, unknown>>;

/** Calls the user's handlers. What they throw or reject concerns this connection and no other. */
export abstract class Callbacks extends Ends {
  /** @internal */
  handlers: AnyHandlers;
  /** `onError` may itself do what fails: it is not told of that. */
  #tellingError = false;

  constructor(handlers: AnyHandlers) {
    super();
    this.handlers = handlers;
  }

  /** @internal */
  get self(): TcpConnection {
    return this as unknown as TcpConnection;
  }

  /** @internal */
  call<Argument>(
    name: keyof AnyHandlers,
    handler: ((connection: TcpConnection, argument: Argument) => unknown) | undefined | null,
    argument: Argument,
  ): void {
    if (!handler) return;
    try {
      const result = handler(this.self, argument);
      if (isThenable(result)) this.#follow(name, result);
    } catch (error) {
      this.handlerFailed(name, error);
    }
  }

  /** @internal */
  handlerFailed(name: keyof AnyHandlers, error: unknown): void {
    if (isPeersFault(error)) return this.blamesPeer(error) ? undefined : this.closeAfterFailure();
    publish('usta:handler:failed', { callback: name, error, connection: this.self.id });
    this.self.host.tally.handlerFailures++;
    this.noteFailure(error);
    const text = error instanceof Error ? error.message : String(error);
    if (name !== 'onError') this.tellError(ErrorCode.handlerFailed, `${name}: ${text}`, error);
    this.closeAfterFailure();
  }

  /** @internal */
  tellError(code: number, message: string, error?: unknown): void {
    const handler = this.handlers.onError;
    if (!handler || this.#tellingError) return;
    this.#tellingError = true;
    this.call('onError', (connection) => handler(connection, code, message, error), undefined);
    this.#tellingError = false;
  }

  /** An asynchronous handler has begun, or has ended. */
  protected abstract handlerIsAwaited(name: keyof AnyHandlers, awaited: boolean): void;
  /** A callback found that the peer is at fault. @returns whether the peer was told so, and that is all. */
  protected abstract blamesPeer(error: PeerError): boolean;
  /** Remembers it as the cause of the close to come. */
  protected abstract noteFailure(error: unknown): void;
  protected abstract closeAfterFailure(): void;

  #follow(name: keyof AnyHandlers, result: PromiseLike<unknown>): void {
    this.handlerIsAwaited(name, true);
    const done = (): void => this.handlerIsAwaited(name, false);
    result.then(done, (error: unknown) => {
      this.handlerFailed(name, error);
      done();
    });
  }
}

/** Thrown to who reads a body, and told elsewhere: by the close cause, or as a connection that failed. */
function isPeersFault(error: unknown): error is PeerError {
  return error instanceof RequestAbortedError || error instanceof HttpProtocolError;
}
