import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { now, Timer } from '../../../src/timer.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { ensure } from '../debian.ts';

const READY_MS = 5000;

/** A server of Debian's, with a configuration and a port of its own. */
export class Server {
  readonly port: number;
  readonly directory: string = mkdtempSync(join(tmpdir(), 'usta-bus-server-'));
  readonly #command: readonly [program: string, ...words: string[]];
  #process: ChildProcess | undefined;

  constructor(port: number, command: (directory: string) => readonly [string, ...string[]]) {
    this.port = port;
    this.#command = command(this.directory);
  }

  async start(): Promise<this> {
    const [program, ...words] = this.#command;
    const child = spawn(program, words, { stdio: 'ignore', cwd: this.directory });
    this.#process = child;
    for (const begun = now(); !(await accepts(this.port)); await Timer.sleep(0.02)) {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
      if (now() - begun > READY_MS) throw new Error(`${program} does not listen`);
    }
    return this;
  }

  /** At once, as if its machine had lost its power. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** @param configuration lines of NATS' configuration beside the port. */
export async function natsServer(configuration: (directory: string) => string = () => ''): Promise<Server> {
  ensure('nats-server');
  const port = await freePort();
  return new Server(port, (directory) => {
    const file = join(directory, 'nats.conf');
    writeFileSync(file, `listen: "127.0.0.1:${port}"\n${configuration(directory)}\n`);
    return ['nats-server', '-c', file];
  });
}

/** @param configuration lines of Redis' configuration beside the port. */
export async function redisServer(configuration = ''): Promise<Server> {
  ensure('redis-server');
  const port = await freePort();
  return new Server(port, (directory) => {
    const file = join(directory, 'redis.conf');
    writeFileSync(file, `bind 127.0.0.1\nport ${port}\nsave ""\ndir ${directory}\n${configuration}\n`);
    return ['redis-server', file];
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
