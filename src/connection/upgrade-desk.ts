import { isThenable } from '../contained.ts';
import { negotiateDeflate } from '../protocol/websocket/extensions.ts';
import {
  acceptUpgrade,
  chooseProtocol,
  type Refusal,
  readUpgrade,
  type Upgrade,
} from '../protocol/websocket/handshake.ts';
import type { DeflateOptions } from '../protocol/websocket/permessage-deflate.ts';
import {
  type WebSocketCodec,
  type WebSocketCodecOptions,
  webSocketCodecs,
} from '../protocol/websocket/websocket-codec.ts';
import { publish } from '../telemetry.ts';
import { now } from '../timer.ts';
import { formatAddress, isOfThisMachine } from '../transport/address.ts';
import { Hold } from './conversation.ts';
import type { Request } from './http/request.ts';
import { answer, DECISION, plain } from './http-stage.ts';
import { judgeOrigin, type OriginPolicy } from './origin.ts';
import type { Stage } from './stage.ts';
import type { TcpConnection } from './tcp-connection.ts';

export interface UpgradeOptions extends OriginPolicy {
  /** The only path (without query) that WebSockets are opened on; others are answered 404. */
  readonly path?: string | readonly string[];
  /** Subprotocols spoken here; the first of these that the client offers is chosen. */
  readonly protocols?: readonly string[];
  /** Given when permessage-deflate may be negotiated. */
  readonly deflate?: Omit<DeflateOptions, 'windowBits'>;
  readonly codec: WebSocketCodecOptions;
  /** What WebSockets are to their connection. */
  readonly stage: Stage;
}

/** The paths that the option names; `undefined` for all. */
export function pathsOf(path: UpgradeOptions['path']): ReadonlySet<string> | undefined {
  return path === undefined ? undefined : new Set(typeof path === 'string' ? [path] : path);
}

/**
 * Decides on upgrades and carries them out: checks the handshake, path and origin, asks the user's
 * `onWebSocketConnect`, answers, and hands the connection over to the WebSocket codec.
 *
 * @see RFC 6455 §4.2 — Server-Side Requirements
 */
export class UpgradeDesk {
  readonly #options: UpgradeOptions;
  readonly #paths: ReadonlySet<string> | undefined;
  /** Makers of codecs, by the window that was negotiated; 0 without compression. */
  readonly #codecs = new Map<number, () => WebSocketCodec>();

  constructor(options: UpgradeOptions) {
    this.#options = options;
    this.#paths = pathsOf(options.path);
  }

  receive(connection: TcpConnection, request: Request): void {
    const upgrade = readUpgrade(request);
    const refusal = 'status' in upgrade ? upgrade : this.#refuse(connection, request);
    if (refusal) return this.#deny(connection, refusal);
    this.#ask(connection, request, upgrade as Upgrade);
  }

  #refuse(connection: TcpConnection, request: Request): Refusal | undefined {
    if (this.#paths && !this.#paths.has(request.path)) {
      return { status: 404, reason: `no WebSocket is served on ${request.path.slice(0, 200)}`, headers: {} };
    }
    if (!connection.host.welcomes(connection)) {
      return { status: 429, reason: 'too many connections from one address', headers: {} };
    }
    const verdict = judgeOrigin(request, this.#options, isOfThisMachine(connection.wire.remote));
    if (!verdict.welcome) return { status: 403, reason: verdict.reason, headers: {} };
    if (verdict.notice !== undefined) publish('usta:notice', { text: verdict.notice });
    return undefined;
  }

  #deny(connection: TcpConnection, { status, reason, headers }: Refusal): void {
    connection.note({ by: 'us', how: 'refused', reason: `${status}: ${reason}` });
    publish('usta:upgrade:refused', { remote: formatAddress(connection.remote), status, reason });
    answer(connection, plain(status, reason, { ...headers, Connection: 'close' }));
  }

  /** The 101 waits for the user's decision, and reading with it. */
  #ask(connection: TcpConnection, request: Request, upgrade: Upgrade): void {
    const handler = connection.handlers.onWebSocketConnect;
    if (!handler) return this.#accept(connection, request, upgrade);

    let decided = false;
    const decide = (act: () => void): void => {
      if (decided || !connection.isOpen) return;
      decided = true;
      act();
      connection.release(Hold.decision);
    };
    connection.expect(DECISION, connection.host.limits.upgradeMs);
    connection.hold(Hold.decision);
    connection.beginDecision((status, text) =>
      connection.prepared(() => decide(() => this.#reject(connection, status, text))),
    );
    const accept = (): void =>
      connection.prepared(() => decide(() => this.#accept(connection, request, upgrade)));
    const fail = (error: unknown): void => {
      connection.endDecision();
      connection.handlerFailed('onWebSocketConnect', error);
      connection.release(Hold.decision);
    };
    try {
      const result: unknown = handler(connection, request);
      if (isThenable(result)) result.then(accept).then(undefined, fail);
      else accept();
    } catch (error) {
      fail(error);
    }
  }

  #reject(connection: TcpConnection, status: number, text: string): void {
    connection.endDecision();
    this.#deny(connection, { status, reason: text === '' ? `refused with ${status}` : text, headers: {} });
  }

  #accept(connection: TcpConnection, request: Request, upgrade: Upgrade): void {
    const early = connection.endDecision();
    const protocol = chooseProtocol(upgrade.protocols, this.#options.protocols ?? []);
    const agreed = this.#options.deflate ? negotiateDeflate(upgrade.extensions) : undefined;
    const head = acceptUpgrade(upgrade, {
      protocol,
      extensions: agreed ? [agreed.response] : [],
      headers: connection.headers,
      fields: connection.answering?.leave() ?? '',
    });
    connection.subprotocol = protocol;
    connection.expect('', Number.POSITIVE_INFINITY);
    connection.pingAt = now() + Math.random() * connection.host.limits.pingMs;
    connection.write((out) => out.writeLatin1(head));
    connection.become(this.#codecFor(agreed?.serverMaxWindowBits ?? 0)(), this.#options.stage);
    connection.endAnswering();
    connection.call('onWebSocketConnected', connection.handlers.onWebSocketConnected, request);
    for (const message of early) connection.send(message);
    if (connection.host.stopping) connection.stage.dismiss(connection, connection.host.farewell);
  }

  #codecFor(windowBits: number): () => WebSocketCodec {
    const made = this.#codecs.get(windowBits);
    if (made) return made;
    const { codec, deflate } = this.#options;
    const maker = webSocketCodecs(
      deflate && windowBits > 0 ? { ...codec, deflate: { ...deflate, windowBits } } : codec,
    );
    this.#codecs.set(windowBits, maker);
    return maker;
  }
}
