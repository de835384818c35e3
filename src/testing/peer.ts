import { realClock } from '../clock.ts';
import type { CloseStatus } from '../connection/close-cause.ts';
import type { TcpConnection } from '../connection/tcp-connection.ts';
import { SystemError, UsageError } from '../errors.ts';
import { faults } from './faults.ts';
import { Line } from './line.ts';
import type { MessageClient } from './message-client.ts';
import type { Speech } from './speech.ts';
import type { Arrival, Stand } from './stand.ts';

/** How long what a test waits for may take, in seconds by the real clock. */
const USUAL_WAIT = 5;

/** A client in memory, and whoever waits for what comes to it. */
export class Peer implements MessageClient<unknown, unknown> {
  readonly #stand: Stand;
  readonly #line: Line;
  /** Each looks whether it has waited long enough. */
  readonly #waiting = new Set<() => void>();
  readonly #unwatch: () => void;
  #server: TcpConnection | undefined;
  /** Messages that `next` has given. */
  #given = 0;

  /** @returns a client that can send messages. @throws what keeps it from that. */
  static async connect(stand: Stand, speech: Speech, arrival: Arrival): Promise<Peer> {
    const peer = new Peer(stand, speech, arrival);
    const opened = (): { value: true } | undefined => (peer.#line.isReady ? { value: true } : undefined);
    await peer.#wait(opened, { what: 'the connection was not opened', within: USUAL_WAIT });
    return peer;
  }

  private constructor(stand: Stand, speech: Speech, arrival: Arrival) {
    this.#stand = stand;
    this.#unwatch = faults.watch(() => this.#look());
    this.#line = new Line(
      speech,
      (sink) => stand.connect(sink, arrival),
      () => this.#look(),
    );
  }

  get messages(): readonly unknown[] {
    return this.#line.messages;
  }

  get pings(): number {
    return this.#line.pings;
  }

  get subprotocol(): string | undefined {
    return this.#line.subprotocol;
  }

  get closed(): Promise<CloseStatus> {
    return this.#wait(() => (this.#isOver ? { value: this.#line.status } : undefined));
  }

  send(message: unknown): void {
    this.#mustBeOpen();
    this.#line.write((out) => this.#line.codec.encode(message, out));
  }

  sendRaw(bytes: string | Uint8Array): void {
    this.#mustBeOpen();
    this.#line.write((out) => (typeof bytes === 'string' ? out.writeUtf8(bytes) : out.writeBytes(bytes)));
  }

  next(within: number = USUAL_WAIT): Promise<unknown> {
    const { messages } = this.#line;
    const left = (): { value: unknown } | undefined =>
      this.#given < messages.length ? { value: messages[this.#given++] } : undefined;
    return this.#wait(left, { what: 'no message came', within });
  }

  close(code = 1000, reason = ''): Promise<CloseStatus> {
    if (!this.#line.isClosed) this.#line.close(code, reason);
    return this.closed;
  }

  cutOff(): void {
    this.#line.wire.destroy();
  }

  /** Both ends have closed, and `onClose` was called. */
  get #isOver(): boolean {
    return this.#line.isClosed && (this.#server?.isClosed ?? true);
  }

  #mustBeOpen(): void {
    if (this.#line.isClosed) throw this.#ending();
  }

  /**
   * Waits until something is there.
   *
   * @param there tells what, as soon as it is.
   * @param limit what to say when it has not come within so many seconds; without it there is no limit.
   * @throws what a callback has thrown; why the connection has ended.
   */
  #wait<Value>(
    there: () => { readonly value: Value } | undefined,
    limit?: { readonly what: string; readonly within: number },
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        callOff?.();
        this.#waiting.delete(look);
        act();
      };
      const look = (): void => {
        const fault = this.#fault();
        if (fault) return settle(() => reject(fault));
        const found = there();
        if (found) return settle(() => resolve(found.value));
        if (this.#isOver) settle(() => reject(this.#ending()));
      };
      const late = (): void =>
        settle(() =>
          reject(new SystemError('E_TESTING_TIMEOUT', `${limit?.what} within ${limit?.within} s`)),
        );
      const callOff = limit && realClock.schedule(limit.within * 1000, late, true);
      this.#waiting.add(look);
      look();
    });
  }

  #look(): void {
    this.#server ??= this.#findServer();
    for (const look of [...this.#waiting]) look();
    if (this.#isOver) this.#unwatch();
  }

  #findServer(): TcpConnection | undefined {
    const server = this.#stand.otherEnd(this.#line.wire);
    server?.whenClosed(() => queueMicrotask(() => this.#look()));
    return server;
  }

  #fault(): Error | undefined {
    return faults.take((id) => id === this.#server?.id);
  }

  #ending(): Error {
    const { failure, status } = this.#line;
    const reason = status.reason === '' ? '' : ` ${status.reason}`;
    return (
      failure ?? new UsageError('E_TESTING_CLOSED', `the connection is closed (${status.code}${reason})`)
    );
  }
}
