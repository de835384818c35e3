import type { AcmeOptions } from '../certificates/acme/options.ts';
import type { SslOptions } from '../certificates/ssl-options.ts';
import type { Handlers } from '../connection/handlers.ts';
import type { StreamBody } from '../connection/http-stage.ts';
import type { LimitOptions } from '../connection/limits.ts';
import type { OriginPolicy } from '../connection/origin.ts';
import type { ProxyOptions } from './proxies.ts';
import type { SocketOptions } from './socket-words.ts';
import type { Accept } from './typed-address.ts';

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
  /** Connections that may wait to be accepted; the kernel has its own cap. Default 4096. */
  readonly backlog?: number;
}

/** `'ssl'` puts TLS under whatever the address says. */
export type Transport = 'tcp' | 'ssl' | 'unix' | 'udp';
