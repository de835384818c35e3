import type { Redis, RedisOptions } from 'ioredis';
import { redisAddress } from '../bus/redis-address.ts';
import { readServerUrl } from '../bus/server-url.ts';
import { SystemError, UsageError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import type { SessionStore, SessionWrite, StoredSession } from './session-store.ts';

/** A Redis or Valkey server, and how to be let in. */
export interface RedisStoreOptions {
  /** `redis://host:6379/0`, or `rediss://…` with TLS. */
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  /** PEM text of the authority, and of our own certificate and key where the server asks for one. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** In front of every key. Default `usta:session:`. */
  readonly prefix?: string;
}

/** How long a command may take, and a try to connect. */
const COMMAND_MS = 3000;
const AGAIN_MS = 250;

const LOAD = `
local found = redis.call('HMGET', KEYS[1], 'version', 'text')
return { found[1], found[2], redis.call('PTTL', KEYS[1]) }`;

const SAVE = `
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1] + 1, 'text', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;

/** Keeps sessions in Redis, for the processes of any number of machines. The client is loaded on first use. */
export class RedisStore implements SessionStore {
  readonly #shown: string;
  readonly #prefix: string;
  readonly #options: RedisOptions & { readonly replyMapping?: 'legacy' };
  #client: Promise<Redis> | undefined;
  #isTold = false;

  /** @throws {UsageError} the address cannot be read. */
  constructor(options: RedisStoreOptions | string) {
    const {
      url,
      prefix = 'usta:session:',
      ...entry
    } = typeof options === 'string' ? { url: options } : options;
    const server = readServerUrl(url);
    if (!server.scheme.startsWith('redis'))
      throw new UsageError('E_SESSION', `${server.shown} is no redis:// address`);
    this.#shown = server.shown;
    this.#prefix = prefix;
    this.#options = {
      ...redisAddress(entry, server),
      connectTimeout: COMMAND_MS,
      commandTimeout: COMMAND_MS,
      maxRetriesPerRequest: 1,
      retryStrategy: () => AGAIN_MS,
    };
  }

  async load(key: string): Promise<StoredSession | undefined> {
    const found = await this.#ask((client, name) => client.eval(LOAD, 1, name), key);
    const [version, text, left] = found as [string | null, string, number];
    return version === null ? undefined : { text, version: Number(version), secondsLeft: left / 1000 };
  }

  async save(key: string, text: string, { after, seconds }: SessionWrite): Promise<boolean> {
    const milliseconds = Math.ceil(seconds * 1000);
    return (
      (await this.#ask((client, name) => client.eval(SAVE, 1, name, after, text, milliseconds), key)) === 1
    );
  }

  async touch(key: string, seconds: number): Promise<void> {
    await this.#ask((client, name) => client.pexpire(name, Math.ceil(seconds * 1000)), key);
  }

  async delete(key: string): Promise<void> {
    await this.#ask((client, name) => client.del(name), key);
  }

  async close(): Promise<void> {
    (await this.#client)?.disconnect();
    this.#client = undefined;
  }

  async #ask(command: (client: Redis, name: string) => Promise<unknown>, key: string): Promise<unknown> {
    this.#client ??= this.#connect();
    try {
      return await command(await this.#client, this.#prefix + key);
    } catch (cause) {
      const why = (cause as Error).message;
      throw new SystemError('E_SESSION_STORE', `sessions in ${this.#shown} cannot be reached: ${why}`, {
        cause,
      });
    }
  }

  async #connect(): Promise<Redis> {
    const { Redis } = await import('ioredis');
    const client = new Redis(this.#options);
    client.on('error', ({ message }) => this.#tell(message));
    client.on('ready', () => {
      this.#isTold = false;
      // Nobody waits for it alone: a process that has nothing else to do may end.
      client.stream.unref();
    });
    return client;
  }

  /** Once for each outage. */
  #tell(message: string): void {
    if (this.#isTold) return;
    this.#isTold = true;
    publish('usta:notice', { text: `sessions in ${this.#shown}: ${message}` });
  }
}
