import type { Request } from '../connection/http/request.ts';
import type { HttpData, TcpConnection, WebSocketData } from '../connection/tcp-connection.ts';
import type { AnyProtocol, Protocol } from '../protocol/protocol.ts';
import type { Protocols } from './registered.ts';
import type { ProtocolName, SCHEMES, Scheme } from './schemes.ts';

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
  text: string;
  frame: Buffer;
  tcp: Buffer;
  udp: Buffer;
}

/** What `send` takes. */
export interface Out {
  websocket: WebSocketData;
  http: HttpData;
  text: string;
  frame: string | Uint8Array;
  tcp: string | Uint8Array;
  udp: string | Uint8Array;
}

/** A protocol of the house, by its name, or one of yours. */
export type Spoken = ProtocolName | AnyProtocol;

export type MessageOf<P extends Spoken, A extends Accept> = P extends ProtocolName
  ? In<A>[P]
  : P extends Protocol<infer Message, never>
    ? Message
    : never;

export type SentBy<P extends Spoken> = P extends ProtocolName
  ? Out[P]
  : P extends Protocol<unknown, infer Message>
    ? Message
    : never;

/** As `ProtocolOf`; schemes of yours included. */
export type SpokenAt<Address extends string> = Address extends `${infer S}://${string}`
  ? S extends keyof Protocols
    ? Protocols[S] extends AnyProtocol
      ? Protocols[S]
      : never
    : ProtocolOf<Address>
  : ProtocolOf<Address>;

export type ConnectionOf<P extends Spoken, Context> = TcpConnection<SentBy<P>, Context>;

type StreamScheme = Exclude<Scheme, 'udp'>;

/** The address itself when its scheme is known; otherwise a type whose text says what is wrong. */
export type Checked<Address extends string, Known = StreamScheme> = string extends Address
  ? Address
  : Address extends `${infer S}://${string}`
    ? S extends Known
      ? Address
      : `unknown scheme "${S}": use websocket, ws, wss, http, https, text, frame, tcp, ssl, unix or udp`
    : `an address is written scheme://host:port, such as websocket://0.0.0.0:8282`;

export type UdpAddress = `udp://${string}`;

/** `Checked`, and that nothing else is to be spoken there than its scheme says. */
export type CheckedFor<Address extends string, P extends Spoken> = Address extends UdpAddress
  ? P extends 'websocket' | 'http'
    ? `${P} needs a stream: datagrams are text, frame or a protocol of yours`
    : Address
  : [P] extends [SpokenAt<Address>]
    ? Checked<Address, StreamScheme | keyof Protocols>
    : string extends Address
      ? Address
      : Address extends `${'tcp' | 'ssl' | 'unix'}://${string}`
        ? Address
        : `the option protocol goes with tcp://, ssl://, unix:// and udp://`;
