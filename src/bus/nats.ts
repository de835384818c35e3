import { readFile } from 'node:fs/promises';
import {
  type Authenticator,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  errors,
  type NatsConnection,
  type Status,
  type Subscription,
} from '@nats-io/transport-node';
import { SystemError, UsageError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import { atMost } from './at-most.ts';
import { firstConnection } from './first-connection.ts';
import { CLOSED } from './questions.ts';
import type { Medium, MediumEvents } from './remote/medium.ts';
import { OnTheWay } from './remote/on-the-way.ts';
import { readServerUrl, type ServerUrl } from './server-url.ts';
import type { RemoteBus } from './settings.ts';

/** How long a try to connect may take. */
const TRY_MS = 3000;
const AGAIN_SECONDS = 0.25;
/** A server that has answered nothing for three of them has gone. */
const PING_MS = 2000;
const ASK_MS = 1000;
const CLOSE_MS = 1000;
/** Before the server has said what it takes; NATS' own default. */
const MAX_BYTES = 1_048_576;

/** Core NATS: interest is routed by the servers, and they know when nobody hears a subject. */
export class NatsMedium implements Medium {
  readonly #settings: RemoteBus;
  readonly #servers: readonly ServerUrl[];
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #onTheWay = new OnTheWay(() => this.settled());
  readonly #told = new Set<string>();
  #connection: NatsConnection | undefined;
  #events: MediumEvents | undefined;
  #isConnected = false;
  #isClosed = false;
  #lastError = '';

  /** @throws {UsageError} an address cannot be read. */
  constructor(settings: RemoteBus) {
    this.#settings = settings;
    this.#servers = [settings.url].flat().map(readServerUrl);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get maxBytes(): number {
    return this.#connection?.info?.max_payload ?? MAX_BYTES;
  }

  async open(events: MediumEvents): Promise<void> {
    const options = await optionsOf(this.#settings, this.#servers);
    const goal = { what: 'NATS', shown: this.#shown, isRefusal };
    const connection = await firstConnection(goal, () => connect(options));
    if (this.#isClosed) {
      await connection.close();
      throw new SystemError('E_BUS_CLOSED', CLOSED);
    }
    this.#connection = connection;
    this.#events = events;
    this.#isConnected = true;
    void this.#watch(connection);
  }

  publish(subject: string, bytes: Buffer): boolean {
    if (!this.#isConnected || !this.#onTheWay.enter(bytes.length)) return false;
    this.#connection?.publish(subject, bytes);
    this.#onTheWay.sent();
    return true;
  }

  /** The library collects what is said in one turn, and says it again after each new connection. */
  subscribe(subject: string): void {
    if (!this.#connection || this.#subscriptions.has(subject)) return;
    const callback = (error: Error | null, { data }: { readonly data: Uint8Array }): void => {
      if (error) {
        this.#subscriptions.delete(subject);
        return this.#refused(error);
      }
      this.#events?.received(subject, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    };
    this.#subscriptions.set(subject, this.#connection.subscribe(subject, { callback }));
  }

  unsubscribe(subject: string): void {
    this.#subscriptions.get(subject)?.unsubscribe();
    this.#subscriptions.delete(subject);
  }

  async settled(): Promise<void> {
    await this.#connection?.flush();
  }

  /** A question without content, which nobody answers: if nobody hears it, the server says so at once. */
  async isHeard(subject: string): Promise<boolean> {
    if (!this.#isConnected || !this.#connection) return true;
    try {
      await this.#connection.request(subject, new Uint8Array(0), { timeout: ASK_MS });
    } catch (error) {
      return !isNobody(error);
    }
    return true;
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    const wasConnected = this.#isConnected;
    this.#isClosed = true;
    this.#events = undefined;
    this.#isConnected = false;
    if (!connection) return;
    this.#connection = undefined;
    if (wasConnected) await atMost(CLOSE_MS, connection.flush());
    await atMost(CLOSE_MS, connection.close());
    abandon(connection);
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) this.#hear(status);
    // It never gives up by itself: somebody else has closed it.
    this.#set(false, this.#lastError || 'the connection was closed');
  }

  #hear(status: Status): void {
    switch (status.type) {
      case 'disconnect':
        return this.#set(false, this.#lastError || `no connection to ${this.#shown}`);
      case 'reconnect':
        this.#lastError = '';
        return this.#set(true, `connected to ${this.#shown}`);
      case 'staleConnection':
        this.#lastError = `${this.#shown} does not answer`;
        if (this.#connection) cutOff(this.#connection);
        return;
      case 'error':
        if (status.error instanceof errors.PermissionViolationError) this.#refused(status.error);
        else this.#lastError = `${this.#shown}: ${status.error.message}`;
    }
  }

  #set(isConnected: boolean, reason: string): void {
    if (this.#isConnected === isConnected) return;
    this.#isConnected = isConnected;
    this.#events?.connection(isConnected, reason);
  }

  /** Told once for each kind of subject. */
  #refused(error: Error): void {
    const { operation = 'use', subject = '' } = error as {
      readonly operation?: string;
      readonly subject?: string;
    };
    const what = `${operation} ${subject.split('.').slice(0, 3).join('.')}`;
    if (this.#told.has(what)) return;
    this.#told.add(what);
    const text = `${this.#shown} does not permit this process to ${operation}: ${subject}; it needs publish and subscribe on usta.>`;
    publish('usta:notice', { text });
  }

  get #shown(): string {
    return shownOf(this.#servers);
  }
}

async function optionsOf(settings: RemoteBus, servers: readonly ServerUrl[]): Promise<ConnectionOptions> {
  const { tls } = settings;
  const isSecure = tls !== undefined || servers.some(({ scheme }) => scheme === 'tls');
  return {
    servers: servers.map(
      ({ hostname, port }) => `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`,
    ),
    ...(await credentialsOf(settings, servers)),
    ...(isSecure ? { tls: { ...tls } } : {}),
    name: 'usta',
    // One permission, for `usta.>`, is enough.
    inboxPrefix: 'usta.inbox',
    noEcho: true,
    noAsyncTraces: true,
    timeout: TRY_MS,
    pingInterval: PING_MS,
    reconnect: true,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: AGAIN_SECONDS * 1000,
    reconnectJitter: AGAIN_SECONDS * 1000,
  };
}

async function credentialsOf(
  { user, password, token, credentials }: RemoteBus,
  servers: readonly ServerUrl[],
): Promise<Pick<ConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator'>> {
  if (credentials !== undefined) return { authenticator: await credentialsFile(credentials) };
  const own = servers.find((server) => server.user !== undefined);
  const [name, word] = user === undefined ? [own?.user, own?.password] : [user, password];
  if (token !== undefined) return { token };
  if (name === undefined) return {};
  // As NATS has it: a name without a password is a token.
  return word === undefined ? { token: name } : { user: name, pass: word };
}

async function credentialsFile(path: string): Promise<Authenticator> {
  try {
    return credsAuthenticator(await readFile(path));
  } catch (cause) {
    const { message } = cause as Error;
    throw new UsageError('E_BUS', `credentials ${path} cannot be read: ${message}`, { cause });
  }
}

function shownOf(servers: readonly ServerUrl[]): string {
  return servers.map(({ shown }) => shown).join(', ');
}

function isRefusal(error: Error): boolean {
  return error instanceof errors.AuthorizationError;
}

function isNobody(error: unknown): boolean {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  return [error, cause].some((one) => one instanceof errors.NoRespondersError);
}

/** What lies under a connection; not documented, as little of it as is needed here. */
interface Underneath {
  readonly protocol?: {
    readonly transport?: { discard?(): void; readonly socket?: { destroy?(): void } };
  };
}

/** A connection that is closed while the library dials would be made all the same, and stay. */
function abandon(connection: NatsConnection): void {
  (connection as Underneath).protocol?.transport?.discard?.();
}

/** The library would first wait for all that was written to be on its way, which it never will be. */
function cutOff(connection: NatsConnection): void {
  (connection as Underneath).protocol?.transport?.socket?.destroy?.();
}
