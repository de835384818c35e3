import type { RedisOptions } from 'ioredis';
import type { ServerUrl } from './server-url.ts';
import type { RemoteBus } from './settings.ts';

/** Where a Redis server is and how to be let in, in its client's words. */
export function redisAddress(
  { user, password, tls }: Omit<RemoteBus, 'url'>,
  server: ServerUrl,
): Pick<RedisOptions, 'host' | 'port' | 'db' | 'username' | 'password' | 'tls'> {
  const username = user ?? server.user;
  const word = password ?? server.password;
  return {
    host: server.hostname,
    port: server.port,
    db: Number(server.path) || 0,
    ...(username === undefined ? {} : { username }),
    ...(word === undefined ? {} : { password: word }),
    ...(tls !== undefined || server.scheme === 'rediss' ? { tls: { ...tls } } : {}),
  };
}
