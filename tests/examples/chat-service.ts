import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { ServiceStatus } from '../../src/master/service-status.ts';
import { freePort } from '../fixtures/free-port.ts';
import { Script } from '../fixtures/script.ts';

const USTA = join(import.meta.dirname ?? '.', '..', '..', 'src', 'usta.js');
const SCRIPT = join(import.meta.dirname ?? '.', '..', '..', 'examples', 'chat', 'chat.js');

/** `examples/chat`, running on ports and in directories of its own: a machine for itself. */
export class ChatService {
  readonly script: Script;
  readonly page: string;
  readonly gateway: string;
  readonly #directory: string;

  static async start(env: Readonly<Record<string, string>> = {}): Promise<ChatService> {
    const [page, gateway] = [await freePort(), await freePort()];
    const service = new ChatService(page, gateway, env);
    await service.script.printed(/worker chat: /);
    return service;
  }

  private constructor(page: number, gateway: number, env: Readonly<Record<string, string>>) {
    this.#directory = mkdtempSync(join(tmpdir(), 'usta-chat-'));
    this.page = `http://127.0.0.1:${page}/`;
    this.gateway = `ws://127.0.0.1:${gateway}/`;
    this.script = new Script('examples/chat/chat.js', [], {
      PORT: `${page}`,
      GATEWAY_PORT: `${gateway}`,
      HISTORY: join(this.#directory, 'history'),
      USTA_RUNTIME_DIR: join(this.#directory, 'run'),
      ...env,
    });
  }

  /** Ends one process of a worker as nothing ends it properly. Resolves when another is in its place. */
  async kill(worker: string): Promise<void> {
    const pids = await this.#pidsOf(worker);
    const [victim] = pids;
    if (victim === undefined) throw new Error(`there is no ${worker}`);
    process.kill(victim, 'SIGKILL');
    for (;;) {
      const now = await this.#pidsOf(worker);
      if (now.length === pids.length && !now.includes(victim)) return;
    }
  }

  /** As a person types it; resolves when the new code runs everywhere. */
  async reload(): Promise<void> {
    await this.#usta('reload');
  }

  async end(): Promise<void> {
    await this.script.end('SIGTERM');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #pidsOf(worker: string): Promise<number[]> {
    const { processes } = JSON.parse(await this.#usta('status', '--json')) as ServiceStatus;
    return processes.filter((one) => one.worker === worker).map(({ pid }) => pid);
  }

  async #usta(word: string, ...more: string[]): Promise<string> {
    const env = { ...process.env, USTA_RUNTIME_DIR: join(this.#directory, 'run') };
    const words = [USTA, word, SCRIPT, ...more];
    return (await promisify(execFile)(process.execPath, words, { env, timeout: 30_000 })).stdout;
  }
}
