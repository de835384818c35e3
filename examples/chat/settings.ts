/** What the environment says, and what it says when it says nothing. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const { env } = process;

/** Of the page, and of the gateway that it connects to. */
export const PORT: string = env.PORT ?? '8080';
export const GATEWAY_PORT: string = env.GATEWAY_PORT ?? '8282';
/** Where pages find the gateway when it is not at its port: a path or a URL of the proxy in front of it. */
export const GATEWAY_URL: string | undefined = env.GATEWAY_URL;

/** Paths of PEM files; without them there is no TLS. */
export const TLS: object =
  env.CERT && env.KEY ? { transport: 'ssl', ssl: { local_cert: env.CERT, local_pk: env.KEY } } : {};

/** Where machines meet, for more than one: `nats://host:4222`. All of them say the same three. */
export const BUS: string | undefined = env.BUS;
export const CLUSTER: string | undefined = env.CLUSTER;
export const SECRET_KEY: string | undefined = env.SECRET_KEY;

export const ROOMS: readonly string[] = (env.ROOMS ?? 'Hall, Kitchen, Garden, Library')
  .split(',')
  .map((room) => room.trim())
  .filter((room) => room !== '');
/** The directory of what was said last in each room. */
export const HISTORY: string = env.HISTORY ?? fileURLToPath(new URL('./history/', import.meta.url));
