import type { Request } from '../../connection/http/request.ts';
import type { HttpData, TcpConnection } from '../../connection/tcp-connection.ts';
import { HttpProtocolError, UsageError } from '../../errors.ts';
import { Response } from '../../protocol/http/response.ts';
import { answerOf, Pieces, release } from './web-answer.ts';
import { type Served, webRequest } from './web-request.ts';

/** What a Fetch handler is told besides the request: with Hono, `c.env`. */
export interface FetchInfo<Context = Record<string, unknown>> {
  /** The connection that the request has come on. The answer is sent by whoever has called the handler. */
  readonly connection: TcpConnection<HttpData, Context>;
  /** The client's address, as `connection.remoteIp`: with `trustProxy`, what the proxy tells. */
  readonly remoteIp: string;
  /** The same request in our own words. Its body belongs to the other one. */
  readonly request: Request;
}

/** What answers a request of the Fetch API: `app.fetch` of Hono, h3 and others. */
export type FetchHandler<Context = Record<string, unknown>> = (
  request: globalThis.Request,
  info: FetchInfo<Context>,
) => globalThis.Response | Promise<globalThis.Response>;

type Connection = TcpConnection<HttpData>;

/** Answers requests of a worker with a handler of the Fetch API. What the handler throws counts as a callback's. */
export function answerByFetch(
  handler: FetchHandler<unknown>,
): (connection: Connection, request: Request) => Promise<void> {
  return async (connection, request) => {
    const served = serve(connection, request);
    if (served === undefined) return;
    const info = { connection, remoteIp: connection.remoteIp, request } as unknown as FetchInfo<unknown>;
    try {
      const answer = await answerOf(await handler(served, info), request.method);
      if (answer.body instanceof Pieces) answer.body.whenOver = (whole) => served.over(whole);
      else served.over(true);
      if (connection.isOpen) connection.send(answer);
      else release(answer);
    } catch (error) {
      served.over(true);
      throw error;
    }
  };
}

/**
 * Whom a Fetch handler stands in for.
 *
 * @param protocol what is spoken; `undefined` for a worker that is attached, whose requests are the server's.
 * @throws {UsageError} there are no requests, or they have a callback already.
 */
export function callbackOfFetch(options: object, protocol: string | undefined): 'onMessage' | 'onRequest' {
  if (protocol !== 'http' && protocol !== 'websocket')
    throw new UsageError(
      'E_FETCH',
      'the option fetch goes with http://, https://, websocket:// and wss:// workers',
    );
  const name = protocol === 'http' ? 'onMessage' : 'onRequest';
  if (name in options)
    throw new UsageError('E_FETCH', `the options fetch and ${name} both answer requests: give one of them`);
  return name;
}

/** @returns `undefined` when the Fetch API has no words for this request: it was refused. */
function serve(connection: Connection, request: Request): Served | undefined {
  try {
    return webRequest(connection, request);
  } catch (error) {
    if (!(error instanceof HttpProtocolError)) throw error;
    connection.send(new Response(error.status, { 'Content-Type': 'text/plain' }, `${error.message}\n`));
    return undefined;
  }
}
