import { realpathSync } from 'node:fs';
import { loadavg, release } from 'node:os';
import process from 'node:process';
import { daysLeft } from '../certificates/key-keeper.ts';
import { formatAddress } from '../transport/address.ts';
import type { ControlRequest } from './control/messages.ts';
import type { Master } from './master.ts';
import { PACKAGE_VERSION } from './package-version.ts';
import type { ConnectionStatus, ServiceStatus, WorkerStatus } from './service-status.ts';

export interface ServiceFacts {
  readonly daemon: boolean;
  /** Ends the service, and this process with it, once the answer is on its way. */
  readonly end: (graceful: boolean) => void;
}

/** What people ask of a service, put to its master. */
export class Service {
  readonly #master: Master;
  readonly #facts: ServiceFacts;
  readonly #startedAt = new Date();
  readonly #script: string = realPath(process.argv[1] ?? '');

  constructor(master: Master, facts: ServiceFacts) {
    this.#master = master;
    this.#facts = facts;
  }

  /** @throws {UstaError} it cannot be done: one line. */
  async obey(request: ControlRequest, progress: (text: string) => void): Promise<unknown> {
    switch (request.command) {
      case 'status':
        return this.status();
      case 'connections':
        return this.connections(request.worker);
      case 'reload':
        return this.#master.reload({ worker: request.worker, graceful: request.graceful }, progress);
      case 'scale':
        return this.#master.scale(request.worker, request.count, progress);
      case 'stop':
        await this.#master.stop({ worker: request.worker, graceful: request.graceful }, progress);
        if (request.worker === undefined) this.#facts.end(request.graceful);
        return undefined;
    }
  }

  async status(): Promise<ServiceStatus> {
    const processes = await Promise.all(
      this.#master.posts.flatMap(({ seats }) => seats.map((seat) => seat.status())),
    );
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    return {
      version: 1,
      usta: PACKAGE_VERSION,
      node: process.version,
      system: `${process.platform} ${release()}`,
      script: this.#script,
      pid: process.pid,
      daemon: this.#facts.daemon,
      state: this.#master.state,
      startedAt: this.#startedAt.toISOString(),
      uptime: process.uptime(),
      loadAverage: [one, five, fifteen],
      generation: this.#master.generation,
      workers: this.#master.posts.map(workerStatus),
      processes: processes.flat(),
    };
  }

  /** @throws {UsageError} there is no worker of that name. */
  async connections(worker: string | undefined): Promise<ConnectionStatus[]> {
    const all = await Promise.all(
      this.#master.chosen(worker).flatMap(({ seats }) => seats.map((seat) => seat.connections())),
    );
    return all.flat();
  }
}

function workerStatus({ worker, bound, keeper, seats }: Master['posts'][number]): WorkerStatus {
  const { name, address, transport, count, options } = worker;
  const exits: Record<string, number> = {};
  for (const seat of seats)
    for (const [how, times] of Object.entries(seat.exits)) exits[how] = (exits[how] ?? 0) + times;
  const place =
    address?.place.kind === 'ip' && bound ? { ...address.place, port: bound.port } : address?.place;
  return {
    name,
    listen: address && place ? `${address.scheme}://${formatAddress(place)}` : '',
    transport,
    protocol: address?.protocol ?? '',
    user: options.user ?? '',
    count,
    exits,
    ...(keeper && { certificateDaysLeft: daysLeft(keeper.keys.certificate) }),
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
