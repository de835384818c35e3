import type { Ending } from './close-cause.ts';
import { type Data, type Received, type SocketConstructor, usableWebSocket } from './socket.ts';

/** How messages become what is sent, and back. */
export interface Format<In, Out> {
  /** Called by `send`, which throws what this throws. */
  encode(message: Out): Data;
  /** What this throws becomes an uncaught error; the message is left out, the connection stays. */
  decode(data: Received): In;
}

/** Messages that the application's server answers: a page cannot send the pings of WebSocket. */
export interface PingOptions<In, Out> {
  readonly message: Out;
  /** True for an answer, which is then not handed to listeners. Anything received is a sign of life. */
  readonly isPong?: (message: In) => boolean;
  /** Seconds between pings; 0: only when the page is shown again or the network is back. Default 25. */
  readonly interval?: number;
  /** Seconds within which something must be received after a ping. Default 10. */
  readonly timeout?: number;
}

/** Times in seconds, fractions allowed; sizes in bytes. */
export interface ClientOptions<In = Received, Out = Data> {
  /** Subprotocols to offer. */
  readonly protocols?: string | readonly string[];
  /** The bound of the first random delay; it doubles with each failure. Default 1. */
  readonly minDelay?: number;
  /** The bound stops growing here. Default 30. */
  readonly maxDelay?: number;
  /** After 1001, 1012 and 1013 all clients come back spread evenly over this time. Default 5. */
  readonly spread?: number;
  /** An attempt that is not open by then is given up; the function for the URL counts. Default 10. */
  readonly connectTimeout?: number;
  /** A connection that lasted so long was a success: delays start anew. Default 5. */
  readonly stableAfter?: number;
  /** `send` refuses while so much waits; before that it takes a message whole. Default 1 MiB. */
  readonly maxQueuedBytes?: number;
  /** Messages that wait for a connection at most; 0: none ever does. Default 1,000. */
  readonly maxQueuedMessages?: number;
  /** Off by default. */
  readonly ping?: PingOptions<In, Out>;
  /**
   * Whether to come back. Not asked after `close()` and `reconnect()`, nor when the page is put away.
   *
   * @param usual what happens without this option.
   */
  readonly shouldReconnect?: (ending: Ending, usual: boolean) => boolean;
  /** Instead of the runtime's own; Node before 22 has none. */
  readonly WebSocket?: SocketConstructor;
}

const DEFAULTS = {
  minDelay: 1,
  maxDelay: 30,
  spread: 5,
  connectTimeout: 10,
  stableAfter: 5,
  maxQueuedBytes: 1_048_576,
  maxQueuedMessages: 1_000,
};

type Numbers = Readonly<typeof DEFAULTS>;

/** The options with nothing left out. */
export interface Settings<In, Out> extends Numbers, Format<In, Out> {
  readonly protocols: string[];
  readonly WebSocket: SocketConstructor;
  readonly ping: Required<PingOptions<In, Out>> | undefined;
  shouldReconnect(ending: Ending, usual: boolean): boolean;
}

/** @throws {RangeError} a number is negative or none. @throws {TypeError} there is no WebSocket. */
export function settingsOf<In, Out>(
  options: ClientOptions<In, Out> & Partial<Format<In, Out>>,
): Settings<In, Out> {
  const { protocols = [], ping, shouldReconnect, encode, decode } = options;
  return {
    ...numbersOf(DEFAULTS, options),
    protocols: [protocols].flat() as string[],
    ping: ping && {
      message: ping.message,
      isPong: ping.isPong ?? (() => false),
      ...numbersOf({ interval: 25, timeout: 10 }, ping),
    },
    shouldReconnect: shouldReconnect ?? ((_, usual) => usual),
    encode: encode ?? ((message) => message as Data),
    decode: decode ?? ((data) => data as In),
    WebSocket: usableWebSocket(options.WebSocket),
  };
}

function numbersOf<Names extends string>(
  defaults: Record<Names, number>,
  given: { readonly [Name in NoInfer<Names>]?: number },
): Record<Names, number> {
  const numbers = { ...defaults };
  for (const name of Object.keys(defaults) as Names[]) {
    numbers[name] = given[name] ?? defaults[name];
    if (!(numbers[name] >= 0)) throw new RangeError(`connect: ${name} must be 0 or more, not ${given[name]}`);
  }
  return numbers;
}
