import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { UsageError } from '../errors.ts';
import { readServerUrl } from './server-url.ts';

/** How the processes of an application find each other: the same for all of them. */
export interface BusSettings {
  /**
   * `local`: the processes of this machine, which need nothing for it. Several machines meet at `nats://host:4222`
   * or `redis://host:6379`. Default `local`.
   */
  readonly bus?: string | RemoteBus;
  /**
   * Processes with the same name meet. By default the directory of the script, so that all scripts in it belong
   * together; more than one machine needs a name.
   */
  readonly cluster?: string;
  /** Known to all processes of the cluster and to nobody else; more than one machine needs one, of 16 letters at least. */
  readonly secretKey?: string;
}

/** A NATS or Redis server, and how to be let in. */
export interface RemoteBus {
  /** `nats://…`, `tls://…` (NATS), `redis://…`, `rediss://…`; several servers of one NATS cluster as a list. */
  readonly url: string | readonly string[];
  readonly user?: string;
  readonly password?: string;
  /** NATS: an access token. */
  readonly token?: string;
  /** NATS: path of a `.creds` file. */
  readonly credentials?: string;
  /** PEM text of the authority, and of our own certificate and key where the server asks for one. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Settings that were proved. */
export interface BusPlan {
  readonly cluster: string;
  /** Undefined where this machine's own is enough. */
  readonly remote: RemoteBus | undefined;
  readonly secretKey: string | undefined;
}

const LEAST_SECRET = 16;

/** @throws {UsageError} they do not go together: what is missing. */
export function planBus({ bus = 'local', cluster, secretKey }: BusSettings): BusPlan {
  const name = cluster ?? directoryOfScript();
  if (name === '') throw new UsageError('E_BUS', "cluster is empty: give it a name, such as 'chat'");
  if (bus === 'local') return { cluster: name, remote: undefined, secretKey };
  const remote = typeof bus === 'string' ? { url: bus } : bus;
  const kinds = new Set([remote.url].flat().map((url) => kindOf(readServerUrl(url).scheme)));
  if (kinds.size !== 1)
    throw new UsageError('E_BUS', 'the servers of a bus are NATS, or Redis, and at least one');
  if (cluster === undefined)
    throw new UsageError('E_BUS', "a bus of several machines needs a name: cluster: 'chat'");
  if (secretKey === undefined || secretKey.length < LEAST_SECRET) {
    const message = `a bus of several machines needs a secretKey of ${LEAST_SECRET} letters or more, the same on all of them`;
    throw new UsageError('E_BUS', message);
  }
  return { cluster: name, remote, secretKey };
}

/** What messages between machines and client ids are signed with. */
export function secretOf(secretKey: string): Buffer {
  return createHash('sha256').update('usta bus').update(secretKey).digest();
}

function kindOf(scheme: string): 'redis' | 'nats' {
  return scheme.startsWith('redis') ? 'redis' : 'nats';
}

function directoryOfScript(): string {
  const script = resolve(process.argv[1] ?? '.');
  try {
    return dirname(realpathSync(script));
  } catch {
    return dirname(script);
  }
}
