import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issue } from '../certificates/authority.ts';
import { type LimitOptions, resolveLimits } from '../connection/limits.ts';
import { BaseWorker } from '../worker/worker.ts';
import { configurationFor } from './configuration.ts';
import { freePorts, InstalledProxy } from './installed-proxy.ts';
import { type PlanOptions, type ProxyPlan, planProxy } from './plan.ts';
import { Visitor } from './visitor.ts';

/** Where the visitor comes from, so that he can be told from the proxy, which comes from 127.0.0.1. */
export const VISITOR_ADDRESS = '127.0.0.2';

/** Seconds of our defaults. */
const PING = resolveLimits({}).pingMs / 1000;
const IDLE = resolveLimits({}).idleMs / 1000;

/** What a worker saw of a client that sent the message `who`. */
export interface Seen {
  readonly ip: string;
  readonly host: string;
  /** Every header that arrived, `name: value`. */
  readonly headers: readonly string[];
}

export interface RehearsalOptions {
  readonly proxy: string;
  readonly plan: PlanOptions;
  /** The heartbeat, and the proxy's deadlines with it, are so many times faster. Default 1. */
  readonly scale?: number;
  /** Of the workers, over everything else. */
  readonly limits?: LimitOptions;
  /** What is done to the configuration before the proxy reads it: nothing, unless somebody wants to see it fail. */
  readonly edit?: (text: string) => string;
}

interface Parts {
  readonly plan: ProxyPlan;
  readonly proxy: InstalledProxy;
  readonly visitor: Visitor;
  readonly workers: readonly BaseWorker[];
  readonly folder: string;
  readonly paths: readonly string[];
}

/**
 * The configuration of a plan, word for word but for ports and certificate, in the installed proxy, with workers of
 * this process behind it: all on loopback, all gone after `stop()`.
 */
export class Rehearsal {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Everything is there but the proxy, which is not started. @throws {UstaError} it cannot be had. */
  static async prepare(options: RehearsalOptions): Promise<Rehearsal> {
    const folder = await mkdtemp(join(tmpdir(), 'usta-proxy-'));
    const workers: BaseWorker[] = [];
    try {
      return new Rehearsal(await build(options, folder, workers));
    } catch (error) {
      await clear(workers, folder);
      throw error;
    }
  }

  get plan(): ProxyPlan {
    return this.#parts.plan;
  }

  get proxy(): InstalledProxy {
    return this.#parts.proxy;
  }

  get visitor(): Visitor {
    return this.#parts.visitor;
  }

  /** Where everything is written. */
  get folder(): string {
    return this.#parts.folder;
  }

  /** Paths of requests and upgrades that reached a worker. */
  get paths(): readonly string[] {
    return this.#parts.paths;
  }

  /** The workers go first: a proxy with nothing open does not linger. */
  async stop(): Promise<void> {
    try {
      await Promise.all(this.#parts.workers.map((worker) => worker.stop()));
      await this.proxy.stop();
    } finally {
      await clear(this.#parts.workers, this.folder);
    }
  }
}

async function build(options: RehearsalOptions, folder: string, workers: BaseWorker[]): Promise<Parts> {
  const { plan: wanted, scale = 1 } = options;
  const limits = { pingInterval: PING / scale, idleTimeout: IDLE / scale };
  const paths: string[] = [];
  const { fingerprint, ...files } = await throwAwayCertificate(options, folder);
  for (let count = Math.max(1, wanted.upstreams?.length ?? 1); count > 0; count--) {
    const worker = workerBehind({ ...limits, ...options.limits }, wanted, paths);
    workers.push(worker);
    await worker.listen();
  }
  const [port, plainPort] = await freePorts();
  const plan = planProxy(options.proxy, {
    ...wanted,
    ...files,
    upstreams: workers.map(({ port }) => `127.0.0.1:${port}`),
    address: '127.0.0.1',
    port,
    plainPort: wanted.plainPort === 0 ? 0 : plainPort,
    limits: resolveLimits(limits),
  });
  const text = configurationFor(plan);
  const proxy = await InstalledProxy.prepare(plan, options.edit?.(text) ?? text, folder);
  const visitor = new Visitor({
    domain: plan.domain,
    port,
    address: '127.0.0.1',
    from: VISITOR_ADDRESS,
    fingerprint,
  });
  return { plan, proxy, visitor, workers, folder, paths };
}

/** Answers `tom` with `ok`, `who` with what it saw of the client, and echoes everything else. */
function workerBehind(
  limits: LimitOptions,
  { path, proxyProtocol }: PlanOptions,
  paths: string[],
): BaseWorker {
  const worker = new BaseWorker('websocket://127.0.0.1:0', {
    ...limits,
    drainTimeout: 1,
    closeTimeout: 1,
    // Whoever ends TLS without reading HTTP leaves the path to the worker.
    ...(proxyProtocol
      ? { proxyProtocol: ['127.0.0.1'], ...(path === undefined ? {} : { path }) }
      : { trustProxy: { from: ['127.0.0.1'], header: 'x-forwarded-for' } }),
  });
  worker.onWebSocketConnect = (connection, request) => {
    paths.push(request.path);
    const headers = [...request.headers].map(([name, value]) => `${name}: ${value}`);
    connection.context.seen = { ip: connection.remoteIp, host: request.header('host') ?? '', headers };
  };
  worker.onMessage = (connection, message) => {
    if (message === 'tom') return connection.send('ok');
    connection.send(message === 'who' ? JSON.stringify(connection.context.seen) : message);
  };
  return worker;
}

/** For the domain of the plan, from an authority that nobody keeps (`ca.pem`). HAProxy wants everything in one file. */
async function throwAwayCertificate(
  { proxy, plan }: RehearsalOptions,
  folder: string,
): Promise<{ certificate: string; key?: string; fingerprint: string }> {
  const authority = createAuthority('rehearsal');
  const { domain } = planProxy(proxy, { domain: plan.domain });
  const { cert, key } = issue(authority, [domain]);
  const { fingerprint256: fingerprint } = new X509Certificate(cert);
  const certificate = join(folder, 'server.pem');
  await writeFile(join(folder, 'ca.pem'), authority.cert);
  await writeFile(certificate, cert + authority.cert + (proxy === 'haproxy' ? key : ''), { mode: 0o600 });
  if (proxy === 'haproxy') return { certificate, fingerprint };
  await writeFile(join(folder, 'server.key'), key, { mode: 0o600 });
  return { certificate, key: join(folder, 'server.key'), fingerprint };
}

async function clear(workers: readonly BaseWorker[], folder: string): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop()));
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
