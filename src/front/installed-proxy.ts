import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { SystemError } from '../errors.ts';
import { type Outcome, type Program, runProgram, startProgram } from '../programs.ts';
import { after, every, now, Timer } from '../timer.ts';
import type { ProxyName, ProxyPlan } from './plan.ts';
import { type Place, RECIPES, type Recipe } from './proxy-recipes.ts';
import { installedVersion, parseVersion, proxyProgram } from './version.ts';

const START_MS = 10_000;
/** Apache needs 10 s until it kills children that do not want to go; it must not be killed before them. */
const STOP_MS = 15_000;
/** HAProxy's master loses a signal that comes while it replaces itself (2.6: until ~10 ms after its last word). */
const SIGNAL_AGAIN_MS = 1500;

/** The installed proxy with one configuration, as a foreground child of this process. */
export class InstalledProxy {
  readonly #program: string;
  readonly #recipe: Recipe;
  readonly #place: Place;
  /** Kept as a promise, so that `stop()` waits for a program that is just being started. */
  #starting: Promise<Program> | undefined;
  #running: Program | undefined;
  #ended = false;

  private constructor(program: string, recipe: Recipe, place: Place) {
    this.#program = program;
    this.#recipe = recipe;
    this.#place = place;
  }

  /**
   * Writes its files into `folder`, to which everything is confined; nothing runs yet.
   *
   * @param text the configuration for `plan`, as it is printed.
   * @throws {SystemError} it is not installed.
   */
  static async prepare(plan: ProxyPlan, text: string, folder: string): Promise<InstalledProxy> {
    const program = requireProxy(plan.proxy);
    const version = await installedVersion(plan.proxy);
    const recipe = RECIPES[plan.proxy];
    await mkdir(join(folder, 'storage'), { mode: 0o700 });
    const place = { folder, plan, version: version === undefined ? undefined : parseVersion(version) };
    await writeFile(join(folder, 'usta.conf'), text);
    await writeFile(join(folder, 'main.conf'), recipe.main(place));
    return new InstalledProxy(program, recipe, place);
  }

  /** What it has said since its start, warnings included. */
  get said(): string {
    const { log } = this.#recipe;
    const path = log === undefined ? undefined : join(this.#place.folder, log);
    const logged = path !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : '';
    return `${this.#running?.output ?? ''}${this.#running?.errors ?? ''}${logged}`;
  }

  get pid(): number {
    return this.#running?.pid ?? 0;
  }

  /** What the proxy itself says of the configuration. */
  checkSyntax(): Promise<Outcome> {
    return runProgram(this.#program, this.#recipe.check(this.#place), this.#options());
  }

  /** @throws {SystemError} it ended, or does not answer in time. */
  async start(): Promise<void> {
    const words = this.#recipe.run(this.#place);
    const unlimited = { ...this.#options(), timeout: Number.POSITIVE_INFINITY };
    this.#starting = startProgram(this.#program, words, unlimited);
    this.#running = await this.#starting;
    void this.#running.ended.then(() => {
      this.#ended = true;
    });
    await this.#until(() => answers(this.#place.plan), 'does not answer');
    if (this.#recipe.reloaded)
      await this.#until(() => this.#timesReloaded() > 0, 'does not say that it runs');
  }

  /** @throws {SystemError} it does not say that it has. */
  async reload(): Promise<void> {
    const how = this.#recipe.reload(this.#place);
    const before = this.#timesReloaded();
    if (typeof how !== 'string') {
      const { exitCode, errors } = await runProgram(this.#program, how, this.#options());
      if (exitCode !== 0)
        throw new SystemError('E_PROXY_RELOAD', `the reload failed: ${complaintIn(errors)}`);
      return;
    }
    this.#running?.signal(how);
    const stop = every(SIGNAL_AGAIN_MS, () => this.#running?.signal(how));
    await this.#until(() => this.#timesReloaded() > before, 'does not say that it has reloaded').finally(
      stop,
    );
  }

  /** @param patienceMs until it is killed. */
  async stop(patienceMs: number = STOP_MS): Promise<void> {
    const program = await this.#starting?.catch(() => undefined);
    if (!program) return;
    if (!this.#ended) program.signal('SIGTERM');
    const callOff = after(patienceMs, () => program.signal('SIGKILL'), true);
    await program.ended;
    callOff();
  }

  #timesReloaded(): number {
    return this.#recipe.reloaded ? [...this.said.matchAll(this.#recipe.reloaded)].length : 0;
  }

  async #until(reached: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
    for (const deadline = now() + START_MS; now() < deadline; await Timer.sleep(0.03)) {
      if (await reached()) return;
      if (this.#ended) throw this.#failure('ended');
    }
    throw this.#failure(otherwise);
  }

  #failure(what: string): SystemError {
    return new SystemError('E_PROXY_START', `${this.#program} ${what}: ${complaintIn(this.said)}`);
  }

  /** Caddy writes to the user's own folders unless told of others. */
  #options(): { directory: string; timeout: number; environment: Record<string, string> } {
    const { folder } = this.#place;
    return {
      directory: folder,
      timeout: 20,
      environment: { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    };
  }
}

/** @throws {SystemError} it is not installed, with the command that installs it. */
export function requireProxy(proxy: ProxyName): string {
  const program = proxyProgram(proxy);
  if (program !== undefined) return program;
  throw new SystemError(
    'E_NO_PROGRAM',
    `${proxy} is not installed, and --check starts it; on Debian and Ubuntu: apt install ${RECIPES[proxy].package}`,
  );
}

/** Two ports that nothing listens on, below those that the system gives to outgoing connections. */
export async function freePorts(): Promise<[number, number]> {
  const one = await freePort();
  for (;;) {
    const other = await freePort();
    if (other !== one) return [one, other];
  }
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A whole answer over TLS, whatever it says. */
function answers({ address = '127.0.0.1', port, domain }: ProxyPlan): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({
      host: address,
      port,
      servername: domain,
      rejectUnauthorized: false,
      agent: false,
      timeout: 2000,
    });
    asked.once('response', (response) => {
      response.destroy();
      resolve(true);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.once('close', () => resolve(false));
  });
}

/** Of much that was said, the first line that complains. */
export function complaintIn(text: string): string {
  const lines = text.trim().split('\n');
  const line = lines.find((one) => /emerg|alert|crit|error|fatal/i.test(one)) ?? lines.at(-1) ?? '';
  return line.replaceAll(/\s+/g, ' ').trim().slice(0, 300) || 'it said nothing';
}
