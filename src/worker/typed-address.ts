import type { HttpData, TcpConnection, WebSocketData } from '../connection/tcp-connection.ts';
import type { Request } from '../protocol/http/request.ts';
import type { ProtocolName, SCHEMES, Scheme } from './address.ts';

/** Which messages of a WebSocket are taken. */
export type Accept = 'text' | 'binary' | 'both';

/** What a worker takes from its address at compile time; one only known at run time is typed as WebSocket. */
export type ProtocolOf<Address extends string> = string extends Address
  ? 'websocket'
  : Address extends `${infer S}://${string}`
    ? S extends Scheme
      ? (typeof SCHEMES)[S]['protocol']
      : never
    : never;

/** What `onMessage` is given. */
export interface In<A extends Accept> {
  websocket: A extends 'text' ? string : A extends 'binary' ? Buffer : string | Buffer;
  http: Request;
  tcp: Buffer;
}

/** What `send` takes. */
export interface Out {
  websocket: WebSocketData;
  http: HttpData;
  tcp: string | Uint8Array;
}

export type ConnectionOf<P extends ProtocolName, Context> = TcpConnection<Out[P], Context>;

/** The address itself when its scheme is known; otherwise a type whose text says what is wrong. */
export type Checked<Address extends string> = string extends Address
  ? Address
  : Address extends `${infer S}://${string}`
    ? S extends Scheme
      ? Address
      : `unknown scheme "${S}": use websocket, ws, wss, http, https, tcp, ssl or unix`
    : `an address is written scheme://host:port, such as websocket://0.0.0.0:8282`;
