import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '../autobahn/raw-client.ts';
import { testCertificate } from '../fixtures/certificate.ts';
import type { Ask, Memory, Plan, Report, Standing } from './reports.ts';

const SCRIPT = fileURLToPath(new URL('./server.js', import.meta.url));

/** Short limits, so that nobody waits; a test that needs others says so. Seconds. */
export const QUICK: Plan['options'] = {
  pingInterval: 0,
  handshakeTimeout: 1,
  upgradeTimeout: 1,
  keepAliveTimeout: 1,
  closeTimeout: 1,
  drainTimeout: 1,
};

/** Bytes that a bystander may move while everybody else stands still. */
const BYSTANDERS_SHARE = 16_384;

/** A real server process, seen from outside. */
export class Fortress {
  readonly ws: Endpoint;
  readonly wss: Endpoint;
  /** What it has printed. */
  log = '';
  readonly #child: ChildProcess;
  readonly #reports: Report[];
  #waiting: (() => void)[] = [];
  #asked = 0;

  /** @param plan.tls whether it also listens with TLS. */
  static async start(
    plan: { readonly options?: Plan['options']; readonly tls?: boolean } = {},
  ): Promise<Fortress> {
    const certificate = plan.tls ? await testCertificate() : undefined;
    const options = { ...QUICK, ...plan.options };
    const told: Plan = certificate ? { options, certificate } : { options };
    const child = fork(SCRIPT, [JSON.stringify(told)], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const reports: Report[] = [];
    child.on('message', (report: Report) => reports.push(report));
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
    const [ready] = reports;
    if (ready?.kind !== 'ready')
      throw new Error(`the server ended before it was ready: ${child.stderr?.read()}`);
    return new Fortress(child, reports, certificate?.cert);
  }

  private constructor(child: ChildProcess, reports: Report[], ca: string | undefined) {
    const [ready] = reports;
    this.#child = child;
    this.#reports = reports;
    this.ws = { port: ready?.kind === 'ready' ? ready.ws : 0 };
    this.wss = { port: ready?.kind === 'ready' ? ready.wss : 0, ...(ca ? { ca } : {}) };
    child.on('message', () => this.#wake());
    child.on('exit', () => this.#wake());
    child.stderr?.on('data', (chunk: Buffer) => {
      this.log += chunk;
      this.#wake();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stands(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Everything that was reported and is `wanted`, so far. */
  reports<Kind extends Report['kind']>(kind: Kind): Extract<Report, { kind: Kind }>[] {
    return this.#reports.filter((report): report is Extract<Report, { kind: Kind }> => report.kind === kind);
  }

  /** The first such report, past or to come. */
  async reported<Kind extends Report['kind']>(
    kind: Kind,
    wanted: (report: Extract<Report, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<Report, { kind: Kind }>> {
    for (;;) {
      const found = this.reports(kind).find(wanted);
      if (found) return found;
      await this.#change();
    }
  }

  /** Resolves when it has printed this. */
  async logged(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.log)) await this.#change();
  }

  async ask(ask: Ask): Promise<unknown> {
    const number = ++this.#asked;
    this.#child.send({ number, ask });
    const { value } = await this.reported('answer', ({ to }) => to === number);
    return value;
  }

  async memory(ask: 'baseline' | 'memory' = 'memory'): Promise<Memory> {
    return (await this.ask(ask)) as Memory;
  }

  async standing(): Promise<Standing> {
    return (await this.ask('standing')) as Standing;
  }

  /** Looks again and again until it stands like that. */
  async stood(wanted: (standing: Standing) => boolean): Promise<Standing> {
    for (;;) {
      const standing = await this.standing();
      if (wanted(standing)) return standing;
      await sleep(20);
    }
  }

  /** The same, but not for ever. @returns how it stood at last. */
  async stoodSoon(wanted: (standing: Standing) => boolean): Promise<Standing> {
    let standing = await this.standing();
    for (let look = 0; look < 50 && !wanted(standing); look++) {
      await sleep(20);
      standing = await this.standing();
    }
    return standing;
  }

  /** Looks until nothing moves any more but the bystander. */
  async still(): Promise<Standing> {
    let before = await this.standing();
    for (;;) {
      await sleep(150);
      const standing = await this.standing();
      const moved = standing.read - before.read + Math.abs(standing.queued - before.queued);
      if (Math.abs(moved) < BYSTANDERS_SHARE) return standing;
      before = standing;
    }
  }

  /** Stops it in order. @returns its exit code. */
  async stop(): Promise<number | null> {
    const exited = once(this.#child, 'exit') as Promise<[number | null]>;
    await this.ask('stop');
    return (await exited)[0];
  }

  /** Ends it, however it stands. */
  async raze(): Promise<void> {
    if (!this.stands) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #change(): Promise<void> {
    if (!this.stands)
      throw new Error(
        `the server has ended (${this.#child.exitCode ?? this.#child.signalCode}): ${this.log}`,
      );
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
