import type { TcpConnection } from '../connection/tcp-connection.ts';
import { UsageError } from '../errors.ts';
import type { Address } from '../transport/address.ts';
import type { Sink, Wire } from '../transport/engine.ts';
import { memoryEngine } from '../transport/memory-engine.ts';
import type { ListenChoice } from '../worker/listen-choice.ts';
import type { BaseWorker } from '../worker/worker.ts';
import { faults } from './faults.ts';

/** Where a client comes from, and how. */
export interface Arrival {
  /** Its ip address. Default 127.0.0.1. */
  readonly remoteIp?: string;
  /** Over TLS, which is believed here and not spoken. Default: as the worker listens. */
  readonly secure?: boolean;
}

/** TLS is not spoken in memory, so no certificate is looked at. */
const NO_KEYS: NonNullable<ListenChoice['keys']> = {
  certificate: { tls: {}, byName: new Map(), warnings: [] },
  ticketKeys: Buffer.alloc(48),
};

const stands = new Map<BaseWorker, Promise<Stand>>();

/** A worker that serves in memory; begun for the first who asks. */
export function standOf(worker: BaseWorker): Promise<Stand> {
  const stand = stands.get(worker) ?? Stand.of(worker);
  stands.set(worker, stand);
  stand.catch(() => stands.delete(worker));
  return stand;
}

/**
 * Ends a worker that `connect` has begun, as a service does: `onWorkerStop`, then `worker.stop()`.
 *
 * @throws what a callback has thrown that no client was told of.
 */
export async function stop(worker: unknown): Promise<void> {
  const stand = stands.get(worker as BaseWorker);
  stands.delete(worker as BaseWorker);
  await (await stand)?.end();
}

/** A worker that listens without a port. */
export class Stand {
  readonly worker: BaseWorker;
  /** Of the connections that its clients have had. */
  readonly #ids = new Set<number>();
  readonly #leaveFaults = faults.join();
  readonly #engine = memoryEngine();

  private constructor(worker: BaseWorker) {
    this.worker = worker;
  }

  static async of(worker: BaseWorker): Promise<Stand> {
    const objection = objectionTo(worker);
    if (objection !== undefined) throw new UsageError('E_TESTING', objection);
    const stand = new Stand(worker);
    try {
      await worker.onWorkerStart?.(worker);
      await worker.begin();
      await worker.listen({ engine: stand.#engine, keys: NO_KEYS });
      return stand;
    } catch (error) {
      stand.#leaveFaults();
      throw error;
    }
  }

  connect(sink: Sink, { remoteIp, secure = this.worker.transport === 'ssl' }: Arrival): Wire {
    const tls = secure ? { tls: {} } : {};
    const local = remoteIp === undefined ? {} : { local: { host: remoteIp, port: 0 } };
    return this.#engine.connect(this.#place, { ...tls, ...local }, sink);
  }

  /** The server's end of a wire; `undefined` before it is there and when it has gone. */
  otherEnd(wire: Wire): TcpConnection | undefined {
    const all = this.worker.connections.values() as Iterable<unknown> as Iterable<TcpConnection>;
    const found = [...all].find((connection) => connection.wire.remote === wire.local);
    if (found) this.#ids.add(found.id);
    return found;
  }

  async end(): Promise<void> {
    const { worker } = this;
    await worker.onWorkerStop?.(worker);
    await worker.stop();
    const fault = faults.take((id) => this.#ids.has(id));
    this.#leaveFaults();
    if (fault) throw fault;
  }

  get #place(): Address {
    const { place } = this.worker.address ?? {};
    if (place?.kind !== 'ip') return place as Address;
    const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[place.host] ?? place.host;
    return { kind: 'ip', host, port: this.worker.port };
  }
}

function objectionTo({ address }: BaseWorker): string | undefined {
  if (address === undefined) return 'this worker has no address to connect to';
  return address.datagrams
    ? 'udp:// has no connections; listen() and send a datagram to worker.port'
    : undefined;
}
