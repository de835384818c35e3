import { UsageError } from '../../errors.ts';
import { Response } from '../../protocol/http/response.ts';
import { every } from '../../timer.ts';
import { BaseWorker, forget } from '../../worker/worker.ts';
import type { ServiceStatus } from '../service-status.ts';
import { CounterMemory } from './counter-memory.ts';
import { EXPOSITION_TYPE } from './exposition.ts';
import { healthText } from './health-text.ts';
import { metricsText } from './metrics-text.ts';

/** How often the counters are looked at, so that little is lost with a process that ends. */
const LOOK_MS = 2_000;

/** Answers `/metrics` and `/healthz`, in the master. */
export class MetricsDoor {
  readonly #worker: BaseWorker<'http'>;
  readonly #status: () => Promise<ServiceStatus>;
  readonly #memory = new CounterMemory();
  #stopLooking: () => void = () => {};

  /**
   * @param place `host:port`, or a port of 127.0.0.1.
   * @throws {UsageError} it is neither.
   */
  constructor(place: string | number, status: () => Promise<ServiceStatus>) {
    this.#status = status;
    this.#worker = new BaseWorker<'http'>(addressOf(place), { name: 'metrics', drainTimeout: 1 });
    forget(this.#worker);
    this.#worker.onMessage = async (connection, { path }) => {
      connection.send(await this.#answer(path));
    };
  }

  get port(): number {
    return this.#worker.port;
  }

  /** @throws {SystemError} the address cannot be had. */
  async open(): Promise<void> {
    await this.#worker.listen();
    this.#stopLooking = every(LOOK_MS, () => void this.#look());
  }

  close(): Promise<void> {
    this.#stopLooking();
    return this.#worker.stop();
  }

  async #answer(path: string): Promise<Response> {
    if (path === '/healthz') {
      const { status, body } = healthText(await this.#status());
      return new Response(status, { 'Content-Type': 'application/json' }, body);
    }
    if (path !== '/metrics') return new Response(404, {}, 'there are /metrics and /healthz\n');
    const status = await this.#look();
    return new Response(
      200,
      { 'Content-Type': EXPOSITION_TYPE },
      metricsText(status, this.#memory.counters()),
    );
  }

  async #look(): Promise<ServiceStatus> {
    const status = await this.#status();
    this.#memory.see(status);
    return status;
  }
}

function addressOf(place: string | number): string {
  const text = typeof place === 'number' || /^\d+$/.test(place) ? `127.0.0.1:${place}` : place;
  if (/^(\[[0-9a-f:.]+\]|[^:]+):\d{1,5}$/i.test(text)) return `http://${text}`;
  throw new UsageError('E_METRICS', `Worker.metrics: "${text}" is no host:port, such as 127.0.0.1:9100`);
}
