import type { AnswerBody } from '../../protocol/http/answer-body.ts';
import type { HeaderValue } from '../../protocol/http/header-value.ts';
import type { HttpServerCodec } from '../../protocol/http/http-codec.ts';
import type { HandlerName } from '../handlers.ts';
import type { TcpConnection } from '../tcp-connection.ts';

/** Bytes that wait for the peer before `write` says so; the wire itself gathers the first of them. */
const LEAST_MARK = 65_536;
const MOST_MARK = 262_144;

/** An answer that is sent piece by piece. Whatever keeps it from being complete cuts the connection: it never looks whole. */
export class ResponseStream {
  /** Resolves when the answer has ended, or the connection has. */
  readonly closed: Promise<void>;
  /** @internal It is filled from a source; nobody writes it by hand. */
  isPumped = false;
  protected readonly connection: TcpConnection;
  readonly #answer: AnswerBody;
  readonly #callback: HandlerName;
  readonly #mark: number;
  #open = true;
  #conclude: () => void = () => {};
  #drained: Promise<void> | undefined;
  #drain: () => void = () => {};
  /** Since when something waits for the peer and it takes nothing. */
  #stuckAt: number | undefined;

  /** @internal @param callback to whose failures those of this answer count. */
  constructor(connection: TcpConnection, answer: AnswerBody | undefined, callback: HandlerName) {
    this.connection = connection;
    this.#answer = answer as AnswerBody;
    this.#callback = callback;
    this.#mark = Math.max(LEAST_MARK, Math.min(connection.maxSendBufferSize, MOST_MARK));
    this.closed = new Promise((resolve) => {
      this.#conclude = resolve;
    });
    if (!answer) this.conclude();
  }

  /** False once it has ended, or the peer has left. */
  get isOpen(): boolean {
    return this.#open && this.connection.isOpen;
  }

  /** Resolves when the peer has taken enough of what waits for it, or has left. */
  get drained(): Promise<void> {
    if (!this.isOpen || !this.#isFull) return Promise.resolve();
    this.#drained ??= new Promise((resolve) => {
      this.#drain = resolve;
    });
    return this.#drained;
  }

  /**
   * Sends a piece. Beyond what Content-Length says, it cuts the connection.
   *
   * @returns false when the next piece had better wait for `drained`; also when this one was not taken, because the
   *   answer is not open.
   */
  write(piece: string | Uint8Array): boolean {
    if (!this.isOpen) return false;
    if (this.connection.bufferedBytes >= this.connection.host.limits.hardQueue) return this.#overflow();
    const written = this.#attempt(() => this.connection.write((out) => this.#answer.write(piece, out)));
    return written && !this.#isFull;
  }

  /** Ends the answer; short of its Content-Length, it cuts the connection. Trailers go with chunks only. */
  end(trailers: Readonly<Record<string, HeaderValue>> = {}): void {
    if (!this.isOpen) return;
    const codec = this.connection.codec as unknown as HttpServerCodec;
    if (this.#attempt(() => this.connection.write((out) => codec.endAnswer(trailers, out))))
      this.connection.stage.sent?.(this.connection);
  }

  /** @internal What should fill it has failed: it is told as a failure of the handler, and the connection is cut. */
  fail(error: unknown): void {
    if (!this.isOpen) return;
    this.connection.handlerFailed(this.#callback, error);
    this.conclude();
  }

  /** @internal Without an end of its own, as an event stream. */
  get isEndless(): boolean {
    return this.#answer.endless;
  }

  /** @internal Nothing more will be sent. */
  conclude(): void {
    this.#open = false;
    this.#conclude();
    this.#drain();
  }

  /** @internal Some of what waited has left. */
  queueMoved(): void {
    this.#stuckAt = undefined;
    if (!this.#drained || this.connection.bufferedBytes > this.#mark / 2) return;
    this.#drained = undefined;
    this.#drain();
  }

  /** @internal Looked at now and then. @param time in milliseconds. */
  visit(time: number): void {
    const { idleMs } = this.connection.host.limits;
    if (this.connection.bufferedBytes === 0) this.#stuckAt = undefined;
    else this.#stuckAt ??= time;
    if (idleMs === 0 || this.#stuckAt === undefined || time - this.#stuckAt < idleMs) return;
    this.connection.note({ by: 'us', how: 'deadline', reason: 'the peer takes nothing of the answer' });
    this.connection.wire.destroy();
  }

  get #isFull(): boolean {
    return this.connection.bufferedBytes >= this.#mark;
  }

  #attempt(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** Who writes on and on without waiting for `drained`. */
  #overflow(): false {
    const reason = `the peer does not read: ${this.connection.bufferedBytes} bytes wait for it`;
    this.connection.note({ by: 'us', how: 'limit', reason });
    this.connection.report(1013, reason);
    this.connection.wire.destroy();
    this.conclude();
    return false;
  }
}
