import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as frames from '../autobahn/frames.ts';
import { type Endpoint, RawClient } from '../autobahn/raw-client.ts';

const PAUSE_MS = 5;

/** Somebody who only wants to talk: sends a message, waits for its echo, and so on. */
export class Bystander {
  /** Messages that came back. */
  exchanged = 0;
  readonly #client: RawClient;
  #staying = false;
  #talk: Promise<void> = Promise.resolve();

  static async arrive(endpoint: Endpoint): Promise<Bystander> {
    return new Bystander(await RawClient.connect(endpoint));
  }

  private constructor(client: RawClient) {
    this.#client = client;
  }

  /** Asks one thing. */
  async say(message: string): Promise<string> {
    await this.#client.send([frames.text(message)]);
    for (;;) {
      const { opcode, payload } = await this.#client.next();
      if (opcode === frames.OPCODE.text) return payload.toString();
      assert.equal(opcode, frames.OPCODE.ping, 'an echo or a ping was expected');
      await this.#client.send([frames.pong(payload)]);
    }
  }

  /** Goes on talking by itself until `leave()`. */
  stay(): void {
    this.#staying = true;
    this.#talk = this.#goOn();
    this.#talk.catch(() => undefined);
  }

  /** Resolves after so many more exchanges. */
  async more(count: number): Promise<void> {
    const wanted = this.exchanged + count;
    while (this.exchanged < wanted) await Promise.race([sleep(PAUSE_MS), this.#talk]);
  }

  /** @throws when anything was not as it should be. */
  async hush(): Promise<void> {
    this.#staying = false;
    await this.#talk;
  }

  leave(): void {
    this.#client.destroy();
  }

  async #goOn(): Promise<void> {
    while (this.#staying) {
      const message = `message ${this.exchanged}`;
      assert.equal(await this.say(message), message);
      this.exchanged++;
      await sleep(PAUSE_MS);
    }
  }
}
