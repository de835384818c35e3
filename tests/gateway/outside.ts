import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from '../fixtures/script.ts';
import { TestClient } from './clients.ts';

/** A service with gateways, in a runtime directory that other programs of the test share. */
export class Outside {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'usta-outside-'));
  readonly #scripts: Script[] = [];
  readonly #clients: TestClient[] = [];

  /** A script under dist/tests/gateway. */
  run(file: string, env: Readonly<Record<string, string>> = {}): Script {
    const script = new Script(`tests/gateway/${file}`, [], { USTA_RUNTIME_DIR: this.directory, ...env });
    this.#scripts.push(script);
    return script;
  }

  async serve(env: Readonly<Record<string, string>> = {}): Promise<{ script: Script; url: string }> {
    const script = this.run('outside-service.js', env);
    const [, port] = await script.printed(/worker gateway: websocket on 127\.0\.0\.1:(\d+)/);
    return { script, url: `ws://127.0.0.1:${port}` };
  }

  /** A client and its id, after it has said these. */
  async client(url: string, ...words: string[]): Promise<{ client: TestClient; id: string }> {
    const client = await TestClient.open(url);
    this.#clients.push(client);
    let id = '';
    for (const word of ['id', ...words]) id = await client.ask(word);
    client.heard.length = 0;
    return { client, id };
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.leave();
    await Promise.all(this.#scripts.map((script) => script.end('SIGTERM')));
    rmSync(this.directory, { recursive: true, force: true });
  }
}
