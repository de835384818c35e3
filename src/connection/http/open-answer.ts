import { UsageError } from '../../errors.ts';
import type { AnswerBody } from '../../protocol/http/answer-body.ts';
import { HttpServerCodec } from '../../protocol/http/http-codec.ts';
import { Response } from '../../protocol/http/response.ts';
import type { HandlerName } from '../handlers.ts';
import type { HttpStage } from '../http-stage.ts';
import type { TcpConnection } from '../tcp-connection.ts';
import { checkedHeartbeat, EventStream, type EventStreamOptions } from './event-stream.ts';
import { Exchange } from './exchange.ts';
import { ResponseStream } from './response-stream.ts';

const EVENTS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache',
  'X-Accel-Buffering': 'no',
};

/** Begins an answer that is written by hand. @throws {UsageError} */
export function openAnswer(connection: TcpConnection, response: Response): ResponseStream {
  return begin(connection, response, (...given) => new ResponseStream(...given));
}

/** Begins an answer of server-sent events. @throws {UsageError} */
export function openEvents(connection: TcpConnection, options: EventStreamOptions): EventStream {
  const { headers = {}, heartbeat = 15 } = options;
  checkedHeartbeat(heartbeat);
  const response = new Response(200, { ...EVENTS, ...headers });
  return begin(connection, response, (...given) => new EventStream(...given, heartbeat));
}

type Given = [connection: TcpConnection, answer: AnswerBody | undefined, callback: HandlerName];

function begin<Stream extends ResponseStream>(
  connection: TcpConnection,
  response: Response,
  make: (...given: Given) => Stream,
): Stream {
  const { codec } = connection;
  const { callback = 'onMessage' } = connection.stage as Partial<HttpStage>;
  if (!connection.isOpen) return make(connection, undefined, callback);
  if (!(codec instanceof HttpServerCodec)) {
    throw new UsageError('E_HTTP_NO_REQUEST', 'this connection does not speak HTTP any more: use send()');
  }
  if (typeof response.body !== 'string' && !(response.body instanceof Uint8Array)) {
    throw new UsageError('E_HTTP_BODY', 'this response has a stream of its own: give it to send()');
  }
  if (connection.answering?.needsPreparing) {
    throw new UsageError('E_SESSION', 'await session.save() before an answer that is written by hand');
  }
  connection.stage.prepared?.(connection);
  let answer: AnswerBody | undefined;
  connection.write((out) => {
    answer = codec.open(response, out);
  });
  const stream = make(connection, answer, callback);
  connection.exchange ??= new Exchange();
  connection.exchange.answer = stream;
  connection.expect('', Number.POSITIVE_INFINITY);
  connection.host.tally.messagesSent++;
  return stream;
}
