import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askMaster } from '../../src/master/control/control-client.ts';
import { controlPlace } from '../../src/master/control/socket-path.ts';
import type { ServiceStatus } from '../../src/master/service-status.ts';
import { Script } from '../fixtures/script.ts';
import { TestClient } from './clients.ts';

const DIST = join(import.meta.dirname ?? '.', '..', '..');

/** The service of `gateway-service.ts`, or several that meet in one runtime directory. */
export class Service {
  static readonly #all: Service[] = [];
  readonly script: Script;
  readonly runtime: string;
  readonly #file: string;
  readonly #ownRuntime: boolean;
  url = '';

  private constructor(file: string, env: Readonly<Record<string, string>>, runtime: string | undefined) {
    this.#file = `tests/gateway/${file}.js`;
    this.#ownRuntime = runtime === undefined;
    this.runtime = runtime ?? mkdtempSync(join(tmpdir(), 'usta-gw-'));
    this.script = new Script(this.#file, [], { USTA_RUNTIME_DIR: this.runtime, ...env });
    Service.#all.push(this);
  }

  /** @param beside another service that it is to meet. */
  static async start(
    env: Readonly<Record<string, string>> = {},
    { file = 'gateway-service', beside }: { readonly file?: string; readonly beside?: Service } = {},
  ): Promise<Service> {
    const service = new Service(file, env, beside?.runtime);
    if (env.GATEWAYS === '0') await service.script.printed(/worker business: no address/);
    else {
      const [, port] = await service.script.printed(/worker gateway: websocket on 127\.0\.0\.1:(\d+)/);
      service.url = `ws://127.0.0.1:${port}`;
    }
    return service;
  }

  static async endAll(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    TestClient.endAll();
    await Promise.all(Service.#all.map((service) => service.end(signal)));
    for (const { runtime } of Service.#all.filter((one) => one.#ownRuntime))
      rmSync(runtime, { recursive: true, force: true });
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.script.end(signal);
  }

  clients(count: number): Promise<TestClient[]> {
    return TestClient.openMany(this.url, count);
  }

  /** As `usta status --json` tells it. */
  async status(): Promise<ServiceStatus> {
    const place = controlPlace(join(DIST, this.#file), { USTA_RUNTIME_DIR: this.runtime });
    return (await askMaster(place, { version: 1, command: 'status' })) as ServiceStatus;
  }

  async pids(worker: string): Promise<number[]> {
    const { processes } = await this.status();
    return processes.filter((one) => one.worker === worker && one.state === 'idle').map(({ pid }) => pid);
  }

  /** Processes on the bus, as the first that answers knows them. */
  async members(): Promise<number> {
    const { processes } = await this.status();
    return processes.find(({ report }) => report?.bus)?.report?.bus?.members ?? 0;
  }

  /** Messages that were lost, as the status counts them: by default events with a business process. */
  async lost(reason = 'unhandled'): Promise<number> {
    const { processes } = await this.status();
    return processes.reduce((sum, { report }) => sum + (report?.bus?.lost[reason] ?? 0), 0);
  }

  /** How often it has printed this. @param pattern with the flag g. */
  count(pattern: RegExp): number {
    return [...this.script.output.matchAll(pattern)].length;
  }
}

/** Looks again and again until it holds. @throws {Error} it does not within so many seconds. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 5,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
