import { Redis, type RedisOptions } from 'ioredis';
import { SystemError, UsageError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import { every } from '../timer.ts';
import { atEndOfTurn } from '../transport/turn.ts';
import { atMost } from './at-most.ts';
import { firstConnection } from './first-connection.ts';
import { CLOSED } from './questions.ts';
import { redisAddress } from './redis-address.ts';
import type { Medium, MediumEvents } from './remote/medium.ts';
import { OnTheWay } from './remote/on-the-way.ts';
import { readServerUrl, type ServerUrl } from './server-url.ts';
import type { RemoteBus } from './settings.ts';

/** How long a try to connect may take. */
const TRY_MS = 3000;
const AGAIN_MS = 250;
/** A server that has not answered the ping before when the next one is due has gone. */
const PING_MS = 3000;
const CLOSE_MS = 1000;
/** Channels in one command. */
const AT_ONCE = 1000;
/** Redis drops a subscriber for whom more than 32 MiB wait. */
const MAX_BYTES = 16 * 1024 * 1024;

type Options = RedisOptions & { readonly replyMapping?: 'legacy' };

/** Redis' publish and subscribe: one channel per subject, one connection to speak on and one to listen to. */
export class RedisMedium implements Medium {
  readonly maxBytes: number = MAX_BYTES;
  readonly #server: ServerUrl;
  readonly #options: Options;
  readonly #channels = new Set<string>();
  readonly #onTheWay = new OnTheWay(() => this.#speaking?.ping() ?? Promise.resolve());
  readonly #told = new Set<string>();
  #speaking: Redis | undefined;
  /** It is corked. */
  #gathering: Redis['stream'] | undefined;
  #listening: Redis | undefined;
  #events: MediumEvents | undefined;
  #isConnected = false;
  #isClosed = false;
  #lastError = '';
  /** Channels to subscribe to, and to unsubscribe from, at the end of this turn. */
  #wanted = new Map<string, boolean>();
  #settled: Promise<unknown> = Promise.resolve();
  #stop: () => void = () => {};

  /** @throws {UsageError} the address cannot be read, or there are several. */
  constructor(settings: RemoteBus) {
    const [url = '', ...more] = [settings.url].flat();
    if (more.length > 0) throw new UsageError('E_BUS', 'Redis as a bus is one server: write one address');
    this.#server = readServerUrl(url);
    this.#options = optionsOf(settings, this.#server, () => (this.#events ? AGAIN_MS : null));
  }

  get isConnected(): boolean {
    return this.#isConnected && this.#speaking?.status === 'ready';
  }

  async open(events: MediumEvents): Promise<void> {
    const goal = { what: 'Redis', shown: this.#server.shown, isRefusal };
    await firstConnection(goal, () => this.#connect());
    this.#events = events;
    this.#isConnected = true;
    this.#stop = every(PING_MS, this.#pinging());
  }

  publish(subject: string, bytes: Buffer): boolean {
    if (!this.isConnected || !this.#onTheWay.enter(bytes.length)) return false;
    this.#gather();
    this.#speaking?.publish(subject, bytes).catch((error: Error) => this.#refused(error));
    this.#onTheWay.sent();
    return true;
  }

  /** The library writes each command by itself: what is published in this turn leaves together. */
  #gather(): void {
    const stream = this.#speaking?.stream;
    if (!stream || stream === this.#gathering) return;
    this.#gathering = stream;
    stream.cork();
    const flush = (): void => {
      this.#gathering = undefined;
      stream.uncork();
    };
    atEndOfTurn({ flush });
  }

  subscribe(subject: string): void {
    this.#channels.add(subject);
    this.#want(subject, true);
  }

  unsubscribe(subject: string): void {
    this.#channels.delete(subject);
    this.#want(subject, false);
  }

  async settled(): Promise<void> {
    await this.#settled;
  }

  async isHeard(subject: string): Promise<boolean> {
    if (!this.isConnected) return true;
    const answer = await this.#speaking?.pubsub('NUMSUB', subject);
    return !Array.isArray(answer) || Number(answer[1]) > 0;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stop();
    const wasConnected = this.isConnected;
    this.#events = undefined;
    this.#isConnected = false;
    // Commands are answered in order: with this one all that was published has arrived.
    if (wasConnected && this.#speaking) await atMost(CLOSE_MS, this.#speaking.quit());
    this.#speaking?.disconnect();
    this.#listening?.disconnect();
  }

  async #connect(): Promise<void> {
    let failure: Error | undefined;
    const [speaking, listening] = [new Redis(this.#options), new Redis(this.#options)];
    this.#speaking = speaking;
    this.#listening = listening;
    for (const one of [speaking, listening]) {
      one.on('error', (error: Error) => {
        failure ??= error;
        this.#lastError = error.message;
        // The library hears one error of a socket; with TLS the server's alert may follow ours.
        one.stream?.on('error', () => {});
      });
      one.on('close', () => this.#lost());
      one.on('ready', () => this.#ready());
    }
    listening.on('messageBuffer', (channel: Buffer, bytes: Buffer) =>
      this.#events?.received(channel.toString('latin1'), bytes),
    );
    try {
      await Promise.all([speaking.connect(), listening.connect()]);
    } catch (error) {
      for (const one of [speaking, listening]) one.disconnect();
      throw failure ?? error;
    }
    if (!this.#isClosed) return;
    for (const one of [speaking, listening]) one.disconnect();
    throw new SystemError('E_BUS_CLOSED', CLOSED);
  }

  /** Said at the end of the turn, all together. */
  #want(channel: string, isWanted: boolean): void {
    if (this.#wanted.size === 0)
      this.#settled = Promise.resolve().then(() => {
        const changes = [...this.#wanted];
        this.#wanted = new Map();
        const named = (wish: boolean): string[] =>
          changes.filter(([, one]) => one === wish).map(([name]) => name);
        return Promise.all([this.#say('subscribe', named(true)), this.#say('unsubscribe', named(false))]);
      });
    this.#wanted.set(channel, isWanted);
  }

  async #say(what: 'subscribe' | 'unsubscribe', channels: readonly string[]): Promise<void> {
    const listening = this.#listening;
    // When it is there again it subscribes to everything.
    if (channels.length === 0 || listening?.status !== 'ready') return;
    const said = [];
    for (let at = 0; at < channels.length; at += AT_ONCE)
      said.push(listening[what](...(channels.slice(at, at + AT_ONCE) as [string])));
    await Promise.all(said).catch((error: Error) => this.#refused(error));
  }

  /** Both have to be there, and subscribed to everything. */
  async #ready(): Promise<void> {
    const [speaking, listening] = [this.#speaking, this.#listening];
    if (!this.#events || speaking?.status !== 'ready' || listening?.status !== 'ready') return;
    await this.#say('subscribe', [...this.#channels]);
    if (this.#isConnected || speaking.status !== 'ready' || listening.status !== 'ready') return;
    this.#lastError = '';
    this.#isConnected = true;
    this.#events?.connection(true, `connected to ${this.#server.shown}`);
  }

  #lost(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#events?.connection(false, `no connection to ${this.#server.shown} ${this.#lastError}`.trim());
  }

  #pinging(): () => void {
    const waiting = new Set<Redis>();
    return () => {
      for (const one of [this.#speaking, this.#listening]) {
        if (one?.status !== 'ready') continue;
        if (waiting.has(one)) {
          one.disconnect(true);
          continue;
        }
        waiting.add(one);
        const over = (): boolean => waiting.delete(one);
        one.ping().then(over, over);
      }
    };
  }

  /** Told once for each kind of command. A connection that was lost is told of anyway. */
  #refused({ message }: Error): void {
    const [what = ''] = message.split(' ');
    if (!/^[A-Z]{3,}$/.test(what) || this.#told.has(what)) return;
    this.#told.add(what);
    publish('usta:notice', { text: `${this.#server.shown}: ${message}; the bus needs the channels usta.*` });
  }
}

function optionsOf(settings: RemoteBus, server: ServerUrl, retryStrategy: () => number | null): Options {
  return {
    ...redisAddress(settings, server),
    lazyConnect: true,
    protocol: 2,
    connectTimeout: TRY_MS,
    retryStrategy,
    // What cannot be sent now is lost, and counted: never sent later.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
  };
}

function isRefusal({ message }: Error): boolean {
  return /NOAUTH|WRONGPASS|NOPERM|invalid password/i.test(message);
}
