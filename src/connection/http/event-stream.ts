import { UsageError } from '../../errors.ts';
import type { AnswerBody } from '../../protocol/http/answer-body.ts';
import type { HeaderValue } from '../../protocol/http/header-value.ts';
import { eventText, type ServerSentEvent } from '../../protocol/http/server-sent-events.ts';
import { now } from '../../timer.ts';
import type { HandlerName } from '../handlers.ts';
import type { TcpConnection } from '../tcp-connection.ts';
import { ResponseStream } from './response-stream.ts';

export interface EventStreamOptions {
  /** Besides Content-Type, Cache-Control and `X-Accel-Buffering: no`, which tells nginx not to gather events. */
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  /** Seconds of silence after which an empty comment is sent, so that nobody on the way takes the stream for dead; 0 never. Default 15. */
  readonly heartbeat?: number;
}

/** Server-sent events, as browsers read them with `EventSource`. @see WHATWG HTML §9.2 */
export class EventStream extends ResponseStream {
  readonly #heartbeatMs: number;
  #beatAt = 0;

  /** @internal */
  constructor(
    connection: TcpConnection,
    answer: AnswerBody | undefined,
    callback: HandlerName,
    heartbeat: number,
  ) {
    super(connection, answer, callback);
    this.#heartbeatMs = heartbeat * 1000;
    this.#wind();
  }

  /**
   * Sends one event.
   *
   * @returns as `write`.
   * @throws {UsageError} a field cannot be sent.
   */
  event(event: ServerSentEvent): boolean {
    this.#wind();
    return this.write(eventText(event));
  }

  /** @internal */
  override visit(time: number): void {
    super.visit(time);
    if (time >= this.#beatAt && this.isOpen) this.event({});
  }

  #wind(): void {
    this.#beatAt = this.#heartbeatMs > 0 ? now() + this.#heartbeatMs : Number.POSITIVE_INFINITY;
  }
}

/** @throws {UsageError} it is no number of seconds. */
export function checkedHeartbeat(seconds: number): number {
  if (seconds >= 0 && Number.isFinite(seconds)) return seconds;
  throw new UsageError('E_HTTP_EVENT', `heartbeat is a number of seconds, 0 for none, not ${seconds}`);
}
