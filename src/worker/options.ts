import type { AcmeOptions } from '../certificates/acme/options.ts';
import type { SslOptions } from '../certificates/ssl-options.ts';
import type { Handlers } from '../connection/handlers.ts';
import type { CompressOptions } from '../connection/http/compression.ts';
import type { StreamBody } from '../connection/http-stage.ts';
import type { LimitOptions } from '../connection/limits.ts';
import type { MessageSchema } from '../connection/message-schema.ts';
import type { OriginPolicy } from '../connection/origin.ts';
import type { FetchHandler } from './fetch/fetch-handler.ts';
import type { ProxyOptions } from './proxies.ts';
import type { SocketOptions } from './socket-words.ts';
import type { Accept, MessageOf, SentBy, Spoken } from './typed-address.ts';

/** Connections that may wait to be accepted; Linux has a cap of 4096 too. */
export const DEFAULT_BACKLOG = 4096;

/** What a worker can be told when it is made; every property of a worker is an option too. */
export interface WorkerOptions<Out = unknown, In = unknown, A extends Accept = Accept, Context = unknown>
  extends LimitOptions,
    OriginPolicy,
    ProxyOptions,
    Handlers<Out, In, Context> {
  /** The certificate for `wss://`, `https://`, `ssl://` or `transport = 'ssl'`. */
  readonly ssl?: SslOptions;
  /** A public authority that gives the certificate and renews it, in place of the files of `ssl`. */
  readonly acme?: AcmeOptions;
  /**
   * Answers plain HTTP on this port too: with the way to https, and with the proofs that an authority asks
   * for (`http-01`, which always asks on port 80).
   */
  readonly redirectPort?: number;
  readonly transport?: Transport;
  /** Shown in the title of its processes. */
  readonly name?: string;
  /** Processes that serve it under `Worker.runAll()`. Default 1. */
  readonly count?: number;
  /** `'text'` makes every message a string and answers binary with 1003; `'binary'` the reverse. */
  readonly accept?: A;
  /**
   * What messages have to be: a schema of zod, valibot, arktype or another library that keeps to Standard Schema.
   * Text is read as JSON, and `onMessage` gets what the schema gives out, typed. What does not fit is answered
   * 1008 unless there is an `onInvalidMessage`, binary 1003. For `websocket://`, `text://` and protocols of yours.
   */
  readonly message?: MessageSchema;
  /** WebSockets are opened only on this path (or these); others are answered 404. */
  readonly path?: string | readonly string[];
  /** Subprotocols spoken here, in order of preference. */
  readonly protocols?: readonly string[];
  /** Negotiates permessage-deflate; off unless asked for. */
  readonly deflate?: boolean | { readonly threshold?: number; readonly level?: number };
  /** An asynchronous `onMessage` is awaited before the next message; reading waits meanwhile. */
  readonly ordered?: boolean;
  /**
   * Requests are given out before their body, which is then read by iterating over the request; a function is asked
   * for each request that has one, when its head has come. Default false.
   */
  readonly streamBody?: StreamBody;
  /**
   * Answers requests with a handler of the Fetch API, such as `app.fetch` of Hono or h3: on `http://` in place of
   * `onMessage`, on `websocket://` in place of `onRequest`.
   */
  readonly fetch?: FetchHandler<Context>;
  /**
   * Compresses answers to HTTP requests, with br or gzip, as far as the client accepts it and their type is one that
   * becomes smaller. Off unless asked for: an answer that holds a secret and echoes what an attacker has sent tells
   * the secret by its length (BREACH).
   */
  readonly compress?: boolean | CompressOptions;
  /** Makes the `context` of each connection and gives it its type. */
  readonly context?: () => Context;
  /** Bytes of memory (RSS) above which a process is replaced, its clients drained. No limit by default. */
  readonly maxMemory?: number;
  /** Messages and requests after which a process is replaced, its clients drained. No limit by default. */
  readonly maxRequests?: number;
  /** False keeps its processes through a reload; only `onWorkerReload` is called. Default true. */
  readonly reloadable?: boolean;
  /** WebSockets told to come back in a second, of all processes together, while a reload drains them. Default 1,000. */
  readonly reloadRate?: number;
  /** Seconds that `stop -g` and `reload -g` let clients leave by themselves before they are told. Default 120. */
  readonly gracefulTimeout?: number;
  /** Whom its processes become, once ports are bound and keys are read; needs root. */
  readonly user?: string;
  /** By default the user's own group. */
  readonly group?: string;
  /** Workerman's `socket` context. */
  readonly socket?: SocketOptions;
  /**
   * Each process binds the address for itself (SO_REUSEPORT) instead of sharing the master's socket. What waits to be
   * accepted by a process is lost when that process ends, at every reload. Default false.
   */
  readonly reusePort?: boolean;
  /** Connections that may wait to be accepted; the kernel has its own cap. Default 4096. */
  readonly backlog?: number;
}

/** `'ssl'` puts TLS under whatever the address says. */
export type Transport = 'tcp' | 'ssl' | 'unix' | 'udp';

/** The options of a worker of one protocol. */
export type OptionsOf<P extends Spoken, A extends Accept, Context, Message = MessageOf<P, A>> = WorkerOptions<
  SentBy<P>,
  NoInfer<Message>,
  A,
  Context
> & {
  readonly message?: MessageSchema<Message>;
  /**
   * What is spoken over `tcp://`, `ssl://`, `unix://` or `udp://`: what `defineProtocol()` gives, or the name of a protocol
   * (`'text'`, `'http'`, …). Any other scheme says it itself.
   */
  readonly protocol?: P;
};
