import { clientTls } from '../../certificates/client-tls.ts';
import type { CloseCause } from '../../connection/close-cause.ts';
import { Status } from '../../connection/conversation.ts';
import { ErrorCode } from '../../connection/handlers.ts';
import { TcpConnection } from '../../connection/tcp-connection.ts';
import { UsageError } from '../../errors.ts';
import type { HeaderValue } from '../../protocol/http/response.ts';
import type { ResponseHead } from '../../protocol/http/response-head.ts';
import { after } from '../../timer.ts';
import type { Wire, WireCause } from '../../transport/engine.ts';
import { nodeEngine } from '../../transport/node-engine.ts';
import type { TlsClientOptions } from '../../transport/tls-options.ts';
import { Backoff } from './backoff.ts';
import { blame, connectFailure } from './connect-failure.ts';
import { ClientHost } from './host.ts';
import { idleWire } from './idle-wire.ts';
import type { ClientOptions } from './options.ts';
import { ownEnd } from './own-end.ts';
import { type ClientProtocol, clientProtocol } from './protocols.ts';
import { ClientProxy } from './proxy.ts';
import { Target } from './target.ts';
import { Waiting } from './waiting.ts';

/** What is awaited first. */
const CONNECTION = 'the connection';

/** A connection that we open ourselves, again and again if need be: over another wire each time. */
export class ClientConnection extends TcpConnection<unknown, unknown> {
  transport: 'tcp' | 'ssl' | 'unix';
  websocketClientProtocol: string | readonly string[] | undefined;
  websocketOrigin: string | undefined;
  websocketType: 'text' | 'binary' | undefined;
  declare readonly host: ClientHost;
  readonly #target: Target;
  readonly #options: ClientOptions;
  readonly #protocol: ClientProtocol;
  readonly #backoff: Backoff;
  readonly #through: ClientProxy | undefined;
  readonly #waiting = new Waiting();
  /** The wire is open, and TLS with it. */
  #connected = false;
  /** Messages can be sent. */
  #ready = false;
  /** We have closed it ourselves: it does not come back. */
  #leaving = false;
  /** Seconds until it connects again, as was ordered. */
  #again: number | undefined;
  #within: 'error' | 'close' | undefined;
  #callOff: (() => void) | undefined;
  #tls: TlsClientOptions | undefined;
  #failures = 0;
  /** Times that it came back, or tried to, since it was last open. */
  #returns = 0;

  /** @throws {UsageError} the address or an option cannot be read. */
  constructor(address: string, options: ClientOptions = {}) {
    const target = new Target(address, options.protocol);
    const protocol = clientProtocol(target, options);
    super(new ClientHost(options, protocol), idleWire(target.placeFor(false)));
    this.#target = target;
    this.#options = options;
    this.#protocol = protocol;
    this.#backoff = new Backoff(options.reconnect);
    this.transport = options.transport ?? target.transport;
    this.websocketClientProtocol = options.protocols;
    this.websocketOrigin = options.origin;
    this.headers = { ...options.headers } as Record<string, string>;
    ownEnd(options.socket?.bindto);
    this.#through = options.proxy === undefined ? undefined : new ClientProxy(options.proxy);
    this.status = Status.initial;
  }

  get failures(): number {
    return this.#failures;
  }

  get websocketPingInterval(): number {
    return this.host.limits.pingMs / 1000;
  }

  set websocketPingInterval(seconds: number) {
    this.host.limits = { ...this.host.limits, pingMs: seconds * 1000 };
  }

  override get bufferedBytes(): number {
    return super.bufferedBytes + this.#waiting.bytes;
  }

  getRemoteHost(): string {
    return this.#target.host;
  }

  getRemoteURI(): string {
    return this.#target.path;
  }

  connect(): void {
    if (this.#within !== undefined || this.status === Status.closing) return this.reconnect();
    if (this.status !== Status.initial && this.status !== Status.closed) return;
    this.cancelReconnect();
    const secure = this.transport === 'ssl';
    const tls = secure ? { tls: this.#readTls() } : {};
    const wire = nodeEngine.connect(
      this.#target.placeFor(secure),
      {
        ...tls,
        ...ownEnd(this.#options.socket?.bindto),
        ...this.#through?.to(this.#target.placeFor(secure)),
      },
      this,
    );
    this.beginAnew(wire);
    this.#leaving = this.#connected = false;
    this.status = Status.connecting;
    this.expect(CONNECTION, this.host.connectMs);
    this.host.enter(this.self);
  }

  reconnect(after = 0): void {
    this.#leaving = false;
    this.#again = after;
    if (this.#within !== undefined) return;
    if (this.status === Status.initial || this.status === Status.closed) return this.#schedule(after);
    this.#ready = false;
    this.status = Status.closing;
    super.destroy();
  }

  reConnect(after = 0): void {
    this.reconnect(after);
  }

  cancelReconnect(): void {
    this.#again = undefined;
    this.#callOff?.();
    this.#callOff = undefined;
  }

  override send(message: unknown, raw = false): boolean {
    const toSend = this.websocketType === 'binary' ? inBinary(message) : message;
    const isOver = this.status > Status.established && this.#again === undefined;
    if (this.#ready || isOver || (raw && this.#connected)) return super.send(toSend, raw);
    if (this.#waiting.add(toSend, raw, this.maxSendBufferSize)) return true;
    this.host.tally.sendFailures++;
    this.tellError(ErrorCode.sendFailed, 'send queue is full');
    return false;
  }

  override close(last?: unknown, reason = ''): void {
    if (!this.#ready) return this.destroy();
    this.#leave();
    super.close(last, reason);
  }

  override end(last?: unknown): void {
    if (!this.#ready) return this.destroy();
    this.#leave();
    super.end(last);
  }

  override destroy(): void {
    this.#leave();
    if (this.status !== Status.initial) return super.destroy();
    this.status = Status.closed;
    this.#waiting.take();
  }

  override opened(): void {
    this.status = Status.established;
    this.#connected = true;
    this.expect('', Number.POSITIVE_INFINITY);
    this.call('onConnect', this.handlers.onConnect, undefined);
    if (!this.isOpen || this.#leaving) return;
    try {
      this.#protocol.begin(this.self, this.#request(), (head) => this.#open(head));
    } catch (error) {
      this.note({ by: 'us', how: 'refused', error: error as Error });
      this.wire.destroy();
    }
  }

  override closed(wire: Wire, cause: WireCause): void {
    if (wire !== this.wire || this.isClosed) return;
    this.status = Status.closing;
    this.#within = 'error';
    const ordered = this.#leaving || this.#again !== undefined || this.notes?.how === 'handler';
    const failed = !this.#ready && !ordered;
    this.#ready = false;
    if (failed) this.#tellFailure(cause);
    else this.#failures = 0;
    this.#within = 'close';
    super.closed(wire, cause);
    this.#within = undefined;
    this.#comeBack();
  }

  /** Who has ordered the next attempt in `onError` is not told that this one is over: as in Workerman. */
  protected override tellClosed(conclusion: CloseCause): void {
    if (this.#connected || this.#again === undefined) super.tellClosed(conclusion);
  }

  /** After both close frames the server ends the transport (RFC 6455 §7.1.1); it is given time for it. */
  override finish(): void {
    const agreed = this.notes?.received !== undefined && this.closeWasSent;
    if (!agreed || this.awaited === END) return super.finish();
    this.status = Status.closing;
    this.deafen();
    this.expect(END, this.host.limits.closeMs);
  }

  #leave(): void {
    this.#leaving = true;
    this.cancelReconnect();
  }

  #open(head: ResponseHead | undefined): void {
    this.#ready = true;
    this.#failures = this.#returns = 0;
    this.call('onWebSocketConnect', head && (this.handlers.onWebSocketConnect as Opened), head);
    this.call('onWebSocketConnected', head && (this.handlers.onWebSocketConnected as Opened), head);
    for (const [message, raw] of this.#waiting.take()) if (this.isOpen) this.#sendWaiting(message, raw);
  }

  /** Nobody is there any more whom an exception of `encode` could be thrown at. */
  #sendWaiting(message: unknown, raw: boolean): void {
    try {
      super.send(message, raw);
    } catch (error) {
      this.host.tally.sendFailures++;
      this.tellError(ErrorCode.sendFailed, `a message could not be sent: ${(error as Error).message}`, error);
    }
  }

  #request(): Parameters<ClientProtocol['begin']>[1] {
    const { websocketClientProtocol: asked = [], websocketOrigin: origin } = this;
    const protocols = typeof asked === 'string' ? asked.split(',').map((one) => one.trim()) : asked;
    const headers: Readonly<Record<string, HeaderValue>> = this.headers;
    const { path } = this.#target;
    return { host: this.#target.hostField(this.transport === 'ssl'), path, protocols, headers, origin };
  }

  /** Read anew for each attempt: certificates are renewed. What cannot be read then leaves the last as it was. */
  #readTls(): TlsClientOptions {
    try {
      this.#tls = this.#target.withProtocols(clientTls(this.#options.ssl ?? {}, this.#target.name));
    } catch (error) {
      if (this.#tls === undefined) throw error;
    }
    return this.#tls;
  }

  #tellFailure({ error = this.notes?.error }: WireCause): void {
    const { connectMs, limits } = this.host;
    const seconds = (this.#connected ? limits.upgradeMs : connectMs) / 1000;
    const late = this.notes?.how === 'deadline' ? { what: this.awaited, seconds } : undefined;
    const { host } = this.#target;
    const tls = this.transport === 'ssl';
    const url = this.#target.urlFor(tls);
    const proxy = this.#through?.name;
    const sentence = connectFailure({ url, host, proxy, tls, connected: this.#connected, late, error });
    this.notes = { ...blame(error), ...this.notes, reason: sentence, ...(error ? { error } : {}) };
    this.#failures++;
    if (this.handlers.onError) this.tellError(ErrorCode.connectFailed, sentence, error);
    else this.report(1006, sentence);
  }

  #comeBack(): void {
    const wanted = this.#leaving ? undefined : this.#backoff.delay(this.#returns++);
    const again = this.#again ?? wanted;
    if (again !== undefined) this.#schedule(again);
    else this.#waiting.take();
  }

  #schedule(seconds: number): void {
    this.cancelReconnect();
    this.status = Status.initial;
    this.#callOff = after(seconds * 1000, () => this.#tryAgain(), true);
  }

  #tryAgain(): void {
    try {
      this.connect();
    } catch (error) {
      this.status = Status.closed;
      this.tellError(ErrorCode.connectFailed, (error as Error).message, error);
      if (!(error instanceof UsageError)) this.#comeBack();
    }
  }
}

const END = 'the end of the connection';

type Opened = (connection: TcpConnection, head: unknown) => unknown;

function inBinary(message: unknown): unknown {
  return typeof message === 'string' ? Buffer.from(message) : message;
}
