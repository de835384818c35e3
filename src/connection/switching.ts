import type { Codec } from '../protocol/codec.ts';
import type { Request } from '../protocol/http/request.ts';
import type { AnyProtocol, Protocol } from '../protocol/protocol.ts';
import type { Stage } from './stage.ts';
import type { HttpData, TcpConnection, WebSocketData } from './tcp-connection.ts';

/** How a connection of one protocol begins. */
export interface Beginning {
  readonly stage: Stage;
  makeCodec(): Codec<unknown, unknown>;
  /** Called when a connection is ready for its first byte. */
  begin(connection: TcpConnection): void;
}

/** The protocols that a connection can go on in by name: what messages are, and what `send` takes. */
interface Words {
  tcp: { readonly in: Buffer; readonly out: string | Uint8Array };
  text: { readonly in: string; readonly out: string };
  frame: { readonly in: Buffer; readonly out: string | Uint8Array };
  http: { readonly in: Request; readonly out: HttpData };
  websocket: { readonly in: string | Buffer; readonly out: WebSocketData };
}

/** What a connection can go on in: a name, or what `defineProtocol()` gives. */
export type NextProtocol = Word | AnyProtocol;

type Word = keyof Words;

type InOf<Q extends NextProtocol> = Q extends Word
  ? Words[Q] extends { readonly in: infer In }
    ? In
    : never
  : Q extends Protocol<infer In, never>
    ? In
    : never;

export type OutOf<Q extends NextProtocol> = Q extends Word
  ? Words[Q] extends { readonly out: infer Out }
    ? Out
    : never
  : Q extends Protocol<unknown, infer Out>
    ? Out
    : never;

/** Hears the messages of the protocol that a connection goes on in. */
export type NextHandler<Q extends NextProtocol, Context> = (
  connection: TcpConnection<OutOf<Q>, Context>,
  message: InOf<Q>,
) => unknown;
