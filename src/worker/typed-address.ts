import type { TcpConnection, WebSocketData } from '../connection/tcp-connection.ts';
import type { Request } from '../protocol/http/request.ts';
import type { Response } from '../protocol/http/response.ts';
import type { ProtocolName, SCHEMES, Scheme } from './address.ts';

/** What a worker takes from its address at compile time. An address only known at run time is typed as WebSocket. */
export type ProtocolOf<Address extends string> = string extends Address
  ? 'websocket'
  : Address extends `${infer S}://${string}`
    ? S extends Scheme
      ? (typeof SCHEMES)[S]['protocol']
      : never
    : never;

export type Accept = 'text' | 'binary' | 'both';

interface Incoming<A extends Accept> {
  websocket: A extends 'text' ? string : A extends 'binary' ? Buffer : string | Buffer;
  http: Request;
  tcp: Buffer;
}

interface Outgoing {
  websocket: WebSocketData;
  http: Response | string | Uint8Array;
  tcp: string | Uint8Array;
}

/** What `onMessage` is given. */
export type In<Address extends string, A extends Accept> = Incoming<A>[ProtocolOf<Address> & ProtocolName];
/** What `send` takes. On one port an HTTP worker answers requests and sends to WebSockets. */
export type Out<Address extends string> = Outgoing[ProtocolOf<Address> & ProtocolName];
export type ConnectionOf<Address extends string, Context> = TcpConnection<Out<Address>, Context>;

/** The address itself when its scheme is known; otherwise a type whose text says what is wrong. */
export type Checked<Address extends string> = string extends Address
  ? Address
  : Address extends `${infer S}://${string}`
    ? S extends Scheme
      ? Address
      : `unknown scheme "${S}": use websocket, ws, wss, http, https, tcp, ssl or unix`
    : `an address is written scheme://host:port, such as websocket://0.0.0.0:8282`;
