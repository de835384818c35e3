import { type CloseCause, type CloseNotes, concludeClose } from '../../connection/close-cause.ts';
import { Status } from '../../connection/conversation.ts';
import { Ends } from '../../connection/ends.ts';
import { ErrorCode, type Handler } from '../../connection/handlers.ts';
import { type LimitOptions, resolveLimits } from '../../connection/limits.ts';
import { contained } from '../../contained.ts';
import { PeerError, UsageError } from '../../errors.ts';
import { publish } from '../../telemetry.ts';
import { after, now } from '../../timer.ts';
import type { Address } from '../../transport/address.ts';
import { DatagramLink, type DatagramLinkSink } from '../../transport/datagram-link.ts';
import { MAX_DATAGRAM } from '../../transport/datagrams.ts';
import { parseAddress } from '../address.ts';
import { DatagramPackages, refuseDatagram } from '../datagram-packages.ts';
import { connectFailure, sendFailure } from './connect-failure.ts';
import { clientTally } from './open-clients.ts';
import { ownEnd } from './own-end.ts';
import { Waiting } from './waiting.ts';

/** What datagrams to one address call, in Workerman's words. */
export interface UdpClientCallbacks<Self, In> {
  /** The name is looked up and there is a way there. Whether anybody listens, nobody knows. */
  onConnect?: Handler<[connection: Self]>;
  /** One datagram. */
  onMessage?: Handler<[connection: Self, message: In]>;
  /** Once for each `connect()`: behind `close()`, or behind `onError` where there is no way there. */
  onClose?: Handler<[connection: Self, cause: CloseCause]>;
  /**
   * Code 1: it could not connect. Code 2: something was not sent, or the network says that it did not arrive.
   * Code 3: a callback threw. All but code 1 concern nothing else.
   */
  onError?: Handler<[connection: Self, code: number, message: string, error?: unknown]>;
}

/** What it can be told besides its protocol and its callbacks. */
export interface PlainUdpOptions extends Pick<LimitOptions, 'maxPackageSize' | 'maxSendBufferSize'> {
  /** Seconds until the name is looked up. Default 10. */
  readonly connectTimeout?: number;
  readonly socket?: {
    /** The end of ours that sends: `ip:port`, or `ip:0` for any port. */
    readonly bindto?: string;
  };
}

type Callbacks = UdpClientCallbacks<UdpClient, unknown>;

interface Options extends PlainUdpOptions, Callbacks {
  readonly protocol?: unknown;
  readonly context?: () => unknown;
}

const CALLBACKS = ['onConnect', 'onMessage', 'onClose', 'onError'] as const;

/** Exchanges datagrams with one address. */
export class UdpClient extends Ends implements DatagramLinkSink {
  onConnect: Callbacks['onConnect'];
  onMessage: Callbacks['onMessage'];
  onClose: Callbacks['onClose'];
  onError: Callbacks['onError'];
  /** Bytes that may wait to be sent. */
  maxSendBufferSize: number;
  /** Bytes of datagrams since it was connected. */
  bytesRead = 0;
  bytesWritten = 0;
  context: unknown;
  readonly #url: string;
  readonly #place: Extract<Address, { kind: 'ip' }>;
  readonly #from: ReturnType<typeof ownEnd>['local'];
  readonly #connectMs: number;
  readonly #packages: DatagramPackages;
  readonly #waiting = new Waiting();
  #status: number = Status.initial;
  #link: DatagramLink | undefined;
  #callOff: () => void = () => {};
  #notes: CloseNotes = {};
  #begunAt = 0;
  #heardAt = 0;
  /** `onError` may itself do what fails: it is not told of that. */
  #isTelling = false;

  /** @throws {UsageError} the address or an option cannot be read. */
  constructor(address: string, options: Options = {}) {
    super();
    const { place, datagrams, own } = parseAddress(address, '127.0.0.1', options.protocol);
    if (!datagrams || place.kind !== 'ip' || place.port === 0)
      throw new UsageError(
        'E_ADDRESS',
        'an address is written udp://host:port; what a datagram holds, the option protocol says',
      );
    const { maxMessage, softQueue } = resolveLimits(options);
    this.#url = address;
    this.#place = place;
    this.#from = ownEnd(options.socket?.bindto).local;
    this.#connectMs = (options.connectTimeout ?? 10) * 1000;
    this.#packages = new DatagramPackages(own, maxMessage);
    this.maxSendBufferSize = softQueue;
    this.context = options.context?.() ?? {};
    for (const name of CALLBACKS) this[name] = options[name] as never;
  }

  /** @internal */
  get wire(): Ends['wire'] {
    const { remote = this.#place, local = { kind: 'ip', host: '', port: 0 } } = this.#link ?? {};
    return { remote, local, secure: false };
  }

  /** Bytes accepted by `send` that have not left. */
  get bufferedBytes(): number {
    return this.#waiting.bytes + (this.#link?.queuedBytes ?? 0);
  }

  /** Workerman's number: 0 before `connect()`, 1 connecting, 2 established, 8 closing, 16 closed. */
  getStatus(): number {
    return this.#status;
  }

  /** Host as in the address. */
  getRemoteHost(): string {
    return this.#place.host;
  }

  /**
   * Looks the name up and takes a socket; `onConnect`, or `onError` and `onClose`, follow. While it is
   * connected, or about to be, this has no effect.
   */
  connect(): void {
    if (this.#status !== Status.initial && this.#status !== Status.closed) return;
    this.#status = Status.connecting;
    this.#notes = {};
    this.#begunAt = this.#heardAt = now();
    this.bytesRead = this.bytesWritten = 0;
    this.#link = new DatagramLink(this.#place, this.#from, this);
    this.#callOff = after(this.#connectMs, () => this.#late());
  }

  send(message: unknown, raw: boolean = false): boolean {
    if (this.#status > Status.established) return this.#refuse('connection closed');
    const bytes = this.#packages.write(message, raw);
    if (bytes.length > MAX_DATAGRAM)
      return this.#refuse(`a datagram carries at most ${MAX_DATAGRAM} bytes, not ${bytes.length}`);
    if (this.#status === Status.established) {
      const isFull = this.bufferedBytes >= this.maxSendBufferSize;
      return isFull ? this.#refuse('send queue is full') : this.#post(bytes);
    }
    return this.#waiting.add(bytes, true, this.maxSendBufferSize) || this.#refuse('send queue is full');
  }

  close(last?: unknown): void {
    if (last !== undefined) this.send(last);
    this.#waiting.take();
    if (this.#status === Status.initial) this.#status = Status.closed;
    if (this.#status > Status.established) return;
    this.#status = Status.closing;
    this.#notes = { by: 'us', how: 'fin' };
    this.#link?.end();
  }

  /** @internal */
  opened(): void {
    if (this.#status !== Status.connecting) return;
    this.#callOff();
    this.#status = Status.established;
    this.#call('onConnect', () => this.onConnect?.(this));
    for (const [bytes] of this.#waiting.take()) if (this.#isOpen) this.#post(bytes as Buffer);
  }

  /** @internal */
  received(bytes: Buffer): void {
    if (!this.#isOpen) return;
    this.#heardAt = now();
    this.bytesRead += bytes.length;
    clientTally.bytesRead += bytes.length;
    try {
      const message = this.#packages.read(bytes);
      clientTally.messagesReceived++;
      this.#call('onMessage', () => this.onMessage?.(this, message));
    } catch (error) {
      if (error instanceof PeerError) refuseDatagram(this.wire.remote, error);
      else publish('usta:handler:failed', { callback: 'codec', error });
    }
  }

  /** @internal */
  undelivered(error: Error): void {
    if (this.#isOpen)
      this.#tell(ErrorCode.sendFailed, sendFailure(this.#url, this.#place.host, error), error);
  }

  /** @internal */
  closed(error?: Error): void {
    this.#callOff();
    const failure = error ?? this.#notes.error;
    if (failure) {
      const attempt = { url: this.#url, host: this.#place.host, tls: false, connected: false };
      const reason = connectFailure({ ...attempt, error: failure });
      this.#notes = { by: 'network', how: 'reset', ...this.#notes, error: failure, reason };
      this.#status = Status.closing;
      if (this.onError) this.#tell(ErrorCode.connectFailed, reason, failure);
      else publish('usta:connection:failed', { remote: this.remoteAddress, code: 1006, reason });
    }
    this.#status = Status.closed;
    this.#waiting.take();
    const { bytesRead, bytesWritten } = this;
    const age = (now() - this.#begunAt) / 1000;
    const idle = (now() - this.#heardAt) / 1000;
    const cause = concludeClose(this.#notes, { age, idle, bytesRead, bytesWritten });
    this.#call('onClose', () => this.onClose?.(this, cause));
  }

  get #isOpen(): boolean {
    return this.#status === Status.established;
  }

  #post(bytes: Buffer): true {
    this.bytesWritten += bytes.length;
    clientTally.bytesWritten += bytes.length;
    clientTally.messagesSent++;
    this.#link?.send(bytes);
    return true;
  }

  #refuse(reason: string): false {
    clientTally.sendFailures++;
    this.#tell(ErrorCode.sendFailed, reason);
    return false;
  }

  /** All that can be waited for is the name. */
  #late(): void {
    const { host } = this.#place;
    const error = Object.assign(new Error(`${host} was not looked up in time`), {
      code: 'EAI_AGAIN',
      hostname: host,
    });
    this.#status = Status.closing;
    this.#notes = { by: 'us', how: 'deadline', error };
    this.#link?.end();
  }

  #call(name: (typeof CALLBACKS)[number], call: () => unknown): void {
    const failed = (text: string, error: unknown): unknown =>
      this.onError?.(this, ErrorCode.handlerFailed, text, error);
    contained(name, call, { failed });
  }

  #tell(code: number, text: string, error?: unknown): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    contained('onError', () => this.onError?.(this, code, text, error));
    this.#isTelling = false;
  }
}
