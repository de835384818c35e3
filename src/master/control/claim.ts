import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { SystemError, UsageError, UstaError } from '../../errors.ts';
import { isAboutDirectory, isPrivateDirectory, makePrivateDirectory } from '../../runtime-directory.ts';
import { now, Timer } from '../../timer.ts';
import type { Listener, Sink } from '../../transport/engine.ts';
import { nodeEngine } from '../../transport/node-engine.ts';
import { ClaimedSocket } from './claimed-socket.ts';
import { askHello } from './control-client.ts';
import { probe } from './probe.ts';
import type { ControlPlace } from './socket-path.ts';

/** Seconds that a start waits for others that start at the same time. */
const PATIENCE = 5;
/** Seconds between two looks at them. */
const PAUSE = 0.02;
/** Seconds that a master has to say who it is, and how often it is asked while it seems to leave. */
const HELLO = { patience: 1, tries: 5 };

/**
 * Listens in the place of a script, of which only one can: the socket of a master that has died is replaced, that
 * of a living one is not, and of several that start at the same time exactly one wins.
 *
 * Each listens under a name of its own first, which tells the others, as long as it lives and not a moment
 * longer, that it is about. Whoever is about and sees nobody else is alone with the place: it looks who is there,
 * puts its socket there with one rename, and with that is no longer about. Of two who see each other, one steps
 * back.
 *
 * @param sink of whoever connects.
 * @throws {UsageError} `E_RUNNING`: another master lives.
 * @throws {SystemError} there is no directory for it, or it cannot be written to.
 */
export async function claimSocket(place: ControlPlace, sink: Sink): Promise<ClaimedSocket> {
  const path = firstUsable(place);
  const deadline = now() + PATIENCE * 1000;
  try {
    while (now() < deadline) {
      await refuseIfRunning(place);
      const claimed = await tryOnce(path, place, { sink, deadline });
      if (claimed !== undefined) return claimed;
      await Timer.sleep(PAUSE * (1 + Math.random()));
    }
  } catch (cause) {
    if (cause instanceof UstaError) throw cause;
    const { code = 'EIO', message } = cause as NodeJS.ErrnoException;
    throw new SystemError(code, `the control socket ${path} cannot be made: ${message}`, { cause });
  }
  throw new SystemError(
    'E_STARTING',
    `${basename(place.script)} is being started already, and is slow with it`,
  );
}

async function tryOnce(
  path: string,
  place: ControlPlace,
  { sink, deadline }: { readonly sink: Sink; readonly deadline: number },
): Promise<ClaimedSocket | undefined> {
  const candidate = await Candidate.stand(path, sink);
  let claimed: ClaimedSocket | undefined;
  try {
    if (!(await candidate.isAlone(deadline))) return undefined;
    await refuseIfRunning(place);
    claimed = candidate.take();
    // One that was started with another environment, at the same time, is alone with another place.
    if (claimed !== undefined)
      await refuseIfRunning({ ...place, paths: place.paths.filter((one) => one !== path) });
    return claimed;
  } catch (error) {
    claimed?.takeAway();
    claimed = undefined;
    throw error;
  } finally {
    if (claimed === undefined) await candidate.withdraw();
  }
}

/** A start that is about. */
class Candidate {
  readonly #path: string;
  readonly #own: string;
  readonly #listener: Listener;

  static async stand(path: string, sink: Sink): Promise<Candidate> {
    const own = join(dirname(path), `${stemOf(path)}.${randomBytes(3).toString('base64url')}`);
    return new Candidate(path, own, await listenPrivately(own, sink));
  }

  private constructor(path: string, own: string, listener: Listener) {
    this.#path = path;
    this.#own = own;
    this.#listener = listener;
  }

  /** Waits for those who came before by their names; gives way to others. */
  async isAlone(deadline: number): Promise<boolean> {
    while (now() < deadline) {
      const others = await this.#others();
      if (others.length === 0) return true;
      if (others.some((other) => other < this.#own)) return false;
      await Timer.sleep(PAUSE);
    }
    return false;
  }

  /** Call it alone. @returns undefined when somebody has removed the file: nobody knows of us then. */
  take(): ClaimedSocket | undefined {
    try {
      renameSync(this.#own, this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    return new ClaimedSocket(this.#path, this.#listener);
  }

  /** The system removes the file, under the name that it was made with. */
  withdraw(): Promise<void> {
    return this.#listener.close();
  }

  /** Who lives; what the dead have left is removed. */
  async #others(): Promise<string[]> {
    const directory = dirname(this.#path);
    const stem = `${stemOf(this.#path)}.`;
    const paths = readdirSync(directory)
      .filter((name) => name.startsWith(stem) && name.length === stem.length + 4 && !name.endsWith('.sock'))
      .map((name) => join(directory, name))
      .filter((path) => path !== this.#own);
    const pulses = await Promise.all(paths.map(probe));
    for (const [index, path] of paths.entries()) if (pulses[index] === 'dead') unlinkIfThere(path);
    return paths.filter((_, index) => pulses[index] === 'living');
  }
}

/** Born with mode 0600: the file is made before `listen` returns its promise. */
function listenPrivately(path: string, sink: Sink): Promise<Listener> {
  const before = process.umask(0o177);
  try {
    return nodeEngine.listen({ kind: 'unix', path }, { backlog: 128 }, sink);
  } finally {
    process.umask(before);
  }
}

/** What names in the directory have in common with the socket's: never longer than it. */
function stemOf(path: string): string {
  return basename(path, '.sock').slice(-8);
}

function firstUsable({ paths }: ControlPlace): string {
  let complaint: unknown;
  for (const path of paths) {
    try {
      makePrivateDirectory(dirname(path));
      return path;
    } catch (error) {
      if (complaint === undefined || isAboutDirectory(error)) complaint = error;
    }
  }
  throw complaint;
}

async function refuseIfRunning({ script, paths }: ControlPlace): Promise<void> {
  for (const path of paths) {
    for (let tries = 0; await isLiving(path); tries++) {
      const pid = await pidAt({ script, paths: [path] });
      if (pid === 'leaving' && tries < HELLO.tries) await Timer.sleep(PAUSE);
      else throw running(script, pid);
    }
  }
}

async function isLiving(path: string): Promise<boolean> {
  try {
    return isPrivateDirectory(dirname(path)) && (await probe(path)) === 'living';
  } catch (error) {
    if (isAboutDirectory(error)) return false;
    throw error;
  }
}

async function pidAt(place: ControlPlace): Promise<number | 'leaving' | 'silent'> {
  try {
    return (await askHello(place, HELLO.patience)).pid;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'E_GONE' || code === 'E_NOT_RUNNING' ? 'leaving' : 'silent';
  }
}

function running(script: string, pid: number | 'leaving' | 'silent'): UsageError {
  const name = basename(script);
  const who = typeof pid === 'number' ? `pid ${pid}` : 'it does not answer';
  return new UsageError(
    'E_RUNNING',
    `${name} is running already (${who}): usta restart ${name} starts it anew`,
  );
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another start has removed it.
  }
}
