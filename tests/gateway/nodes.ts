import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { joinCluster } from '../../src/bus/join.ts';
import type { BusSettings } from '../../src/bus/settings.ts';
import { Exchange, HOLDER } from '../../src/gateway/exchange.ts';
import { postOver } from '../../src/gateway/post.ts';
import { Verbs } from '../../src/gateway/verbs.ts';
import { BaseWorker } from '../../src/worker/worker.ts';
import { TestClient } from './clients.ts';
import { eventually } from './service.ts';

/** Processes of a cluster, all in this one: each has a bus of its own. */
export class Nodes {
  readonly gateways: GatewayNode[] = [];
  readonly #settings: BusSettings;
  readonly #runtime = mkdtempSync(join(tmpdir(), 'usta-nodes-'));
  readonly #exchanges: Exchange[] = [];

  readonly #apart: boolean;
  #count = 0;

  /** @param apart each process is on a machine of its own. */
  constructor(
    settings: BusSettings = { cluster: 'test' },
    { apart = false }: { readonly apart?: boolean } = {},
  ) {
    this.#settings = settings;
    this.#apart = apart;
  }

  /** A process that holds clients. */
  async gateway(): Promise<GatewayNode> {
    const exchange = await this.#exchange();
    exchange.bus.take(HOLDER, 'gateway');
    const node = await GatewayNode.open(exchange);
    this.gateways.push(node);
    const others = this.#exchanges.filter((one) => one !== exchange);
    await eventually('the others know', () =>
      others.every((one) => one.holders.includes(exchange.bus.self.id)),
    );
    return node;
  }

  /** A process that holds none, and gives orders. */
  async verbs(current: () => string = () => ''): Promise<Verbs & { readonly exchange: Exchange }> {
    const exchange = await this.#exchange();
    const verbs = new Verbs(
      postOver(
        (act) => act(exchange),
        async () => exchange,
      ),
      current,
    );
    return Object.assign(verbs, { exchange });
  }

  async close(): Promise<void> {
    for (const gateway of this.gateways) await gateway.close();
    for (const { bus } of this.#exchanges) await bus.close();
    rmSync(this.#runtime, { recursive: true, force: true });
  }

  async #exchange(): Promise<Exchange> {
    process.env.USTA_RUNTIME_DIR = this.#apart ? join(this.#runtime, `${++this.#count}`) : this.#runtime;
    const exchange = new Exchange(await joinCluster(this.#settings));
    this.#exchanges.push(exchange);
    return exchange;
  }
}

/** A client, and the id that its gateway has given it. */
export interface KnownClient {
  readonly id: string;
  readonly client: TestClient;
}

export class GatewayNode {
  readonly exchange: Exchange;
  readonly #worker: BaseWorker;

  private constructor(exchange: Exchange, worker: BaseWorker) {
    this.exchange = exchange;
    this.#worker = worker;
  }

  static async open(exchange: Exchange): Promise<GatewayNode> {
    const worker = new BaseWorker('websocket://127.0.0.1:0', { drainTimeout: 1, closeTimeout: 1 });
    worker.onWebSocketConnected = (connection) => void exchange.enrol(connection);
    await worker.listen();
    return new GatewayNode(exchange, worker);
  }

  async client(): Promise<KnownClient> {
    const known = new Set(this.exchange.registry.clients.keys());
    const client = new TestClient(`ws://127.0.0.1:${this.#worker.port}`);
    await once(client.socket, 'open');
    const [id = ''] = [...this.exchange.registry.clients.values()]
      .filter(({ number }) => !known.has(number))
      .map((one) => one.id);
    return { id, client };
  }

  /** Resolves when it has noticed that the client is gone. */
  async part({ id, client }: KnownClient): Promise<void> {
    client.leave();
    await eventually(
      'the gateway notices',
      () => ![...this.exchange.registry.clients.values()].some((one) => one.id === id),
    );
  }

  async close(): Promise<void> {
    for (const { connection } of this.exchange.registry.clients.values()) connection.destroy();
    await this.#worker.stop();
  }
}
