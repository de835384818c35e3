import { setBus } from '../bus/join.ts';
import type { CloseCause } from '../connection/close-cause.ts';
import type { TcpConnection } from '../connection/tcp-connection.ts';
import { UsageError } from '../errors.ts';
import type { Request } from '../protocol/http/request.ts';
import { every, now, Timer } from '../timer.ts';
import type { ProtocolName } from '../worker/address.ts';
import type { OptionsOf, WorkerOptions } from '../worker/options.ts';
import type { Accept } from '../worker/typed-address.ts';
import { BusWorker } from './bus-worker.ts';
import type { Client } from './client.ts';
import { asCurrent, type CurrentClient } from './current-client.ts';
import { Dispatch } from './dispatch.ts';
import type { ClientCloseCause, ClientRequest } from './events.ts';
import { type Exchange, HOLDER } from './exchange.ts';
import type { Message } from './frames.ts';
import { type GatewayOnlyOptions, takeApart } from './gateway-options.ts';
import type { Router } from './routers.ts';

/** Seconds that events which a departing process has handed over may take to be handled. */
const LAST_EVENTS = 2;
const PING_SECONDS = 25;

export type GatewayOptions<P extends ProtocolName, A extends Accept, Context> = OptionsOf<P, A, Context> &
  GatewayOnlyOptions;

/**
 * Holds clients, with their uids, groups and sessions. Their events go to the business processes of the cluster,
 * unless it has an `onMessage` of its own.
 */
export class GatewayWorker<
  P extends ProtocolName = 'websocket',
  A extends Accept = 'both',
  Context = Record<string, unknown>,
> extends BusWorker<P, A, Context> {
  readonly #router: Router;
  readonly #pingData: Message | undefined;
  #dispatch: Dispatch | undefined;
  #stopPinging: () => void = () => {};

  /**
   * @param address `websocket://…`, `wss://…`, `tcp://…`, `ssl://…`.
   * @throws {UsageError} the address or an option cannot be used.
   */
  constructor(address: string, options: GatewayOptions<P, A, Context> = {} as GatewayOptions<P, A, Context>) {
    const { own, bus, rest } = takeApart(options);
    const { pingInterval = PING_SECONDS } = rest as WorkerOptions;
    const { pingNotResponseLimit: limit = 0 } = own;
    const silence = limit > 0 && pingInterval > 0 ? { idleTimeout: pingInterval * limit } : {};
    super(address, { reloadable: false, ...silence, ...rest } as OptionsOf<P, A, Context>);
    if (this.address?.protocol === 'http' || this.address?.datagrams)
      throw new UsageError(
        'E_GATEWAY',
        `a Gateway holds clients that stay: use websocket://, not ${address}`,
      );
    if (this.address === undefined)
      throw new UsageError('E_GATEWAY', `a Gateway listens by itself: ${address} needs a host and a port`);
    setBus(bus);
    this.#router = own.router ?? 'sticky';
    this.#pingData = own.pingData;
  }

  /** Events that a departing process has handed over are handled, if somebody is there for it. */
  protected override async finish(): Promise<void> {
    this.#stopPinging();
    const deadline = now() + LAST_EVENTS * 1000;
    while ((this.#dispatch?.underWay ?? 0) > 0 && now() < deadline) await Timer.sleep(0.01);
  }

  protected override start(exchange: Exchange): void {
    exchange.bus.take(HOLDER, this.name);
    if (this.handlers.onMessage) this.#serveHere(exchange);
    else if (this.options.message)
      throw new UsageError(
        'E_GATEWAY',
        'the option message goes with an onMessage of the Gateway; business processes get what was sent',
      );
    else this.#serveElsewhere(exchange);
    this.#keepAwake(exchange);
  }

  /** The script handles messages itself, in this process. */
  #serveHere(exchange: Exchange): void {
    const { onMessage } = this.handlers;
    this.#whenOpen((connection) => void exchange.enrol(connection));
    this.#hear((connection, message) => {
      const client = exchange.clientOf(connection);
      if (!client) return undefined;
      return asCurrent(this.#asSeen(client), () => onMessage?.(connection, message));
    });
  }

  #serveElsewhere(exchange: Exchange): void {
    const facts = { name: this.name, port: () => this.port };
    const dispatch = new Dispatch(exchange, facts, this.#router);
    this.#dispatch = dispatch;
    this.#whenOpen((connection, request) => {
      const client = exchange.enrol(connection);
      connection.whenClosed((cause) => dispatch.take(client, { event: 'close', cause: portable(cause) }));
      dispatch.take(client, { event: 'connect' });
      if (request) dispatch.take(client, { event: 'websocket', request: portrait(request) });
    });
    this.#hear((connection, message) => {
      const client = exchange.clientOf(connection);
      if (client) dispatch.take(client, { event: 'message', message: message as Message });
    });
  }

  /** A WebSocket is a client once its handshake is done, any other connection at once. */
  #whenOpen(open: (connection: TcpConnection, request?: Request) => void): void {
    const { onConnect, onWebSocketConnected } = this.handlers;
    if (this.address?.protocol === 'websocket')
      this.handlers = {
        ...this.handlers,
        onWebSocketConnected: (connection, request) => {
          open(connection as TcpConnection, request);
          return onWebSocketConnected?.(connection, request);
        },
      };
    else
      this.handlers = {
        ...this.handlers,
        onConnect: (connection) => {
          open(connection as TcpConnection);
          return onConnect?.(connection);
        },
      };
  }

  #hear(onMessage: (connection: TcpConnection, message: unknown) => unknown): void {
    this.handlers = {
      ...this.handlers,
      onMessage: (connection, message) => onMessage(connection as TcpConnection, message),
    };
  }

  #asSeen(client: Client): CurrentClient {
    const { remoteIp, remotePort } = client.connection;
    return {
      id: client.id,
      session: client.session,
      uid: client.uid,
      remoteIp,
      remotePort,
      gateway: this.name,
      gatewayPort: this.port,
    };
  }

  /** What the protocol itself does not do. */
  #keepAwake(exchange: Exchange): void {
    const { pingInterval = PING_SECONDS, idleTimeout = 0 } = this.options;
    const data = this.#pingData;
    const isWebSocket = this.address?.protocol === 'websocket';
    if (pingInterval === 0 || (isWebSocket && data === undefined)) return;
    this.#stopPinging = every(pingInterval * 1000, () => {
      for (const connection of this.connections.values() as Iterable<TcpConnection>) {
        const silence = now() - connection.aliveAt;
        if (!isWebSocket && idleTimeout > 0 && connection.listens && silence >= idleTimeout * 1000)
          connection.destroy();
        else if (data !== undefined && silence >= pingInterval * 1000 && exchange.clientOf(connection))
          connection.send(data);
      }
    });
  }
}

function portable({ error: _, ...cause }: CloseCause): ClientCloseCause {
  return cause;
}

function portrait({ path, query, headers }: Request): ClientRequest {
  return {
    path,
    query: Object.fromEntries(query),
    headers: Object.fromEntries([...headers].map(([name]) => [name.toLowerCase(), headers.get(name) ?? ''])),
    cookies: cookiesOf(headers.get('cookie') ?? ''),
  };
}

/** @see RFC 6265 §5.4 — The Cookie Header */
function cookiesOf(field: string): Record<string, string> {
  const pairs = field.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals < 1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()] as const];
  });
  return Object.fromEntries(pairs);
}
