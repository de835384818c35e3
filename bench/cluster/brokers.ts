import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { ensure } from '../../tests/real/debian.ts';
import { temporaryFolder } from '../run/belongings.ts';
import { type Launched, launch } from '../run/server.ts';

export type BrokerName = 'redis' | 'nats';

/** A Redis or NATS server of our own, that keeps nothing and goes with the bench. */
export interface Broker {
  readonly url: string;
  readonly pid: number;
}

interface Kind {
  /** Debian's package, whose own service is not started. */
  readonly package: string;
  readonly ready: RegExp;
  command(port: number): readonly string[];
}

const KINDS: Readonly<Record<BrokerName, Kind>> = {
  redis: {
    package: 'redis-server',
    ready: /Ready to accept connections/,
    command: (port) => [
      ...['redis-server', '--port', String(port), '--bind', '127.0.0.1'],
      ...['--save', '', '--appendonly', 'no', '--dir', temporaryFolder()],
    ],
  },
  nats: {
    package: 'nats-server',
    ready: /Server is ready/,
    command: (port) => ['nats-server', '--addr', '127.0.0.1', '--port', String(port)],
  },
};

/** The servers through which several machines meet, each started when it is first asked for. */
export class Brokers {
  readonly #started = new Map<BrokerName, Promise<{ readonly broker: Broker; readonly program: Launched }>>();

  /** @throws {Error} it is not installed and cannot be, or does not start. */
  async get(name: BrokerName): Promise<Broker> {
    const started = this.#started.get(name) ?? start(KINDS[name], name);
    this.#started.set(name, started);
    return (await started).broker;
  }

  async stop(): Promise<void> {
    for (const started of this.#started.values()) {
      const { program } = await started.catch(() => ({ program: undefined }));
      await program?.stop();
    }
    this.#started.clear();
  }
}

async function start(
  kind: Kind,
  name: BrokerName,
): Promise<{ readonly broker: Broker; readonly program: Launched }> {
  ensure(kind.package);
  const port = await freePort();
  const program = await launch(kind.command(port), {}, kind.ready);
  return { program, broker: { url: `${name}://127.0.0.1:${port}`, pid: program.pid } };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
