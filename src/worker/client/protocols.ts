import { randomBytes } from 'node:crypto';
import { ANSWER, ClientHandshakeStage } from '../../connection/client-handshake-stage.ts';
import { resolveLimits } from '../../connection/limits.ts';
import { messageStage } from '../../connection/message-stage.ts';
import type { Stage } from '../../connection/stage.ts';
import type { TcpConnection } from '../../connection/tcp-connection.ts';
import { WebSocketStage } from '../../connection/websocket-stage.ts';
import type { Codec } from '../../protocol/codec.ts';
import type { ResponseHead } from '../../protocol/http/response-head.ts';
import { ResponseHeadCodec } from '../../protocol/http/response-head-codec.ts';
import { RawCodec } from '../../protocol/raw-codec.ts';
import { type ClientAgreement, clientRequest } from '../../protocol/websocket/client-handshake.ts';
import { webSocketCodecs } from '../../protocol/websocket/websocket-codec.ts';
import { now } from '../../timer.ts';
import type { PlainClientOptions } from './options.ts';
import type { Target } from './target.ts';

/** How a client begins in its protocol. */
export interface ClientProtocol {
  readonly stage: Stage;
  makeCodec(): Codec<unknown, unknown>;
  /**
   * The wire is open and `onConnect` was called.
   *
   * @param opened to be called when messages can be sent, with what the server has answered.
   */
  begin(connection: TcpConnection, request: ClientRequest, opened: (head?: ResponseHead) => void): void;
}

/** What is asked for, as it stands when the connection is there. */
export interface ClientRequest {
  /** `host` or `host:port`. */
  readonly host: string;
  readonly path: string;
  readonly protocols: readonly string[];
  readonly headers: Readonly<PlainClientOptions['headers'] & object>;
  readonly origin: string | undefined;
}

/** How a client begins in what its address and the option `protocol` say. */
export function clientProtocol({ protocol, own }: Target, options: PlainClientOptions): ClientProtocol {
  if (own) {
    const packages = { maxPackageSize: resolveLimits(options).maxMessage };
    return ofMessages(protocol, () => own.makeCodec(packages));
  }
  return protocol === 'websocket' ? ofWebSocket(options) : ofMessages('tcp', () => new RawCodec());
}

/** Between two wires too: it does nothing but end them. */
const bytesStage: Stage = messageStage('tcp');

/**
 * A protocol that is nothing but messages: ready as soon as the wire is.
 *
 * @param name of the protocol, as the list of connections shows it.
 */
function ofMessages(name: string, makeCodec: () => Codec<unknown, unknown>): ClientProtocol {
  return { stage: messageStage(name), makeCodec, begin: (_connection, _request, opened) => opened() };
}

const webSocketStage = new WebSocketStage('onMessage');

/** @see RFC 6455 §4.1 — Client Requirements */
function ofWebSocket(options: PlainClientOptions): ClientProtocol {
  const deflate = Boolean(options.deflate);
  return {
    stage: bytesStage,
    makeCodec: () => new ResponseHeadCodec() as Codec<unknown, unknown>,
    begin(connection, request, opened) {
      const key = randomBytes(16).toString('base64');
      const head = clientRequest({ ...request, key, deflate });
      const agreed = (agreement: ClientAgreement, answer: ResponseHead): void => {
        goOn(connection, agreement, options);
        opened(answer);
      };
      const { protocols } = request;
      connection.stage = new ClientHandshakeStage({ key, protocols, deflate, agreed });
      connection.expect(ANSWER, connection.host.limits.upgradeMs);
      connection.write((out) => out.writeLatin1(head));
    },
  };
}

function goOn(connection: TcpConnection, agreement: ClientAgreement, options: PlainClientOptions): void {
  const { limits } = connection.host;
  const { accept = 'both', maxInflateRatio, deflate } = options;
  const wishes = typeof deflate === 'object' ? deflate : {};
  const windowBits = agreement.deflate?.clientMaxWindowBits;
  const make = webSocketCodecs({
    role: 'client',
    maxMessage: limits.maxMessage,
    accept,
    ...(maxInflateRatio === undefined ? {} : { maxInflateRatio }),
    ...(windowBits === undefined
      ? {}
      : { deflate: { threshold: wishes.threshold ?? 1024, level: wishes.level ?? 6, windowBits } }),
  });
  connection.subprotocol = agreement.protocol;
  connection.expect('', Number.POSITIVE_INFINITY);
  connection.pingAt = now() + limits.pingMs * (0.5 + Math.random() / 2);
  connection.become(make(), webSocketStage);
}
