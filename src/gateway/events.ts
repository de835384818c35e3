import type { CloseCause } from '../connection/close-cause.ts';
import type { Session } from './session.ts';

/** What a client's gateway knows of it, for those who handle its events. */
export interface ClientFacts {
  readonly number: number;
  readonly ip: string;
  readonly port: number;
  /** Name and port of the gateway. */
  readonly gateway: string;
  readonly gatewayPort: number;
  readonly uid?: string;
  readonly session: Session;
  /** By those who handle its events, so far. */
  readonly changes: number;
}

/** The request with which a WebSocket was opened. Plain data: it has travelled. */
export interface ClientRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case; several values of one name are joined as RFC 9110 §5.3 says. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
}

/** How a client has left. `gateway-lost`: the process that held it is gone, and its other clients with it. */
export type ClientCloseCause =
  | Omit<CloseCause, 'error'>
  | { readonly by: 'network'; readonly how: 'gateway-lost'; readonly code: 1006; readonly reason: string };

/** From a gateway to the business process that handles a client's events, in order. A message is the body. */
export type ToBusiness =
  /** It handles this client's events from here on. */
  | { readonly do: 'adopt'; readonly client: ClientFacts }
  | {
      readonly do: 'event';
      readonly event: EventName;
      /** Of the client. */
      readonly number: number;
      /** To be answered with, when it is handled. */
      readonly ticket: number;
      readonly bytes?: true;
      /** What has changed since it was last told. */
      readonly session?: Session;
      /** With `session`: how many changes by those who handle its events it has in it. */
      readonly changes?: number;
      readonly uid?: string | null;
      readonly request?: ClientRequest;
      readonly cause?: ClientCloseCause;
    }
  /** What it knows of this gateway's clients is old: all that it handles is told anew. */
  | { readonly do: 'anew' }
  /** The process that said `leaving` gets nothing more. */
  | { readonly do: 'released' };

export type EventName = 'connect' | 'websocket' | 'message' | 'close';

export type ToGateway =
  | { readonly do: 'handled'; readonly tickets: readonly number[] }
  /** Of a client that it does not know: after an outage both sides may have given each other up. */
  | { readonly do: 'strange'; readonly ticket: number }
  /** Nothing more shall come: what is on its way is handled. */
  | { readonly do: 'leaving' };
