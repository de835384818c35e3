import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Bus } from '../../src/bus/bus.ts';
import type { Carrier } from '../../src/bus/carrier.ts';
import { MeetingPlace } from '../../src/bus/local/meeting-place.ts';
import { newMemberId } from '../../src/bus/member.ts';
import { after } from '../../src/timer.ts';

export const PORT = 7;
const LIMIT_MS = 5000;

/** One who takes part, and notes down what comes. */
export class Station {
  readonly bus: Bus;
  readonly heard: string[] = [];
  readonly bytes: Buffer[] = [];
  readonly joined: string[] = [];
  readonly left: string[] = [];
  /** What it answers. */
  answer: (question: string) => Promise<string> | string = (question) => `${question}!`;
  readonly #settled: () => Promise<void>;
  #changed: (() => void)[] = [];

  constructor(carriers: { local?: Carrier; remote?: Carrier }, id: string, settled?: () => Promise<void>) {
    this.bus = new Bus({ id, pid: process.pid, name: `name of ${id}`, roles: [] }, carriers);
    this.#settled = settled ?? (async () => {});
    const note = (list: string[], text: string): void => {
      list.push(text);
      for (const look of this.#changed.splice(0)) look();
    };
    this.bus.listen(PORT, {
      message: (_, payload) => {
        this.bytes.push(Buffer.from(payload));
        note(this.heard, payload.length > 100 ? `${payload.length} bytes` : payload.toString());
      },
      question: (_, payload) => {
        note(this.heard, `?${payload}`);
        return Buffer.from(this.answer(payload.toString()) as string);
      },
      joined: ({ id: one, roles }) => note(this.joined, [one, ...roles].join(' ')),
      left: ({ id: one }) => note(this.left, one),
    });
  }

  get id(): string {
    return this.bus.self.id;
  }

  say(to: Station, text: string): boolean {
    return this.bus.unicast(PORT, to.id, Buffer.from(text));
  }

  sayAbout(topics: readonly string[], text: string, also?: readonly Station[]): void {
    this.bus.multicast(PORT, topics, Buffer.from(text), also && new Set(also.map(({ id }) => id)));
  }

  sayToAll(text: string): void {
    this.bus.broadcast(PORT, Buffer.from(text));
  }

  async ask(to: readonly Station[], text: string): Promise<Record<string, string>> {
    const answers = await this.bus.ask(
      PORT,
      to.map(({ id }) => id),
      Buffer.from(text),
    );
    return Object.fromEntries([...answers].map(([id, answer]) => [id, answer.toString()]));
  }

  /** Resolves when it is so; looks whenever something comes. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    let isLate = false;
    const callOff = after(LIMIT_MS, () => {
      isLate = true;
      for (const look of this.#changed.splice(0)) look();
    });
    while (!isSo()) {
      assert.ok(!isLate, `waited in vain: ${what}; heard ${this.heard.slice(-20)}; left ${this.left}`);
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
    callOff();
  }

  /** Resolves when it has heard this, and with it all that the same one has said before. */
  async hears(text: string): Promise<void> {
    await this.until(() => this.heard.includes(text), `to hear ${text}`);
  }

  /** From now on it gets what this one says about the topics. */
  async subscribe(by: Station, ...topics: string[]): Promise<void> {
    for (const topic of topics) this.bus.subscribe(topic);
    await this.inForce(by);
  }

  /** What it has subscribed to, or unsubscribed from, is known to this one. */
  async inForce(by: Station): Promise<void> {
    await this.#settled();
    if (by === this) return;
    const mark = `in force ${Math.random()}`;
    this.say(by, mark);
    await by.hears(mark);
  }
}

/** All that `by` has said so far has arrived; what they heard of it, without the mark. */
export async function heardFrom(by: Station, stations: readonly Station[]): Promise<string[][]> {
  const mark = `end ${Math.random()}`;
  for (const one of stations) by.say(one, mark);
  for (const one of stations) await one.hears(mark);
  return stations.map((one) => one.heard.filter((text) => !/^(end|in force) 0/.test(text)));
}

/** A runtime directory of a machine of its own. */
export class Machine {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'usta-bus-'));

  place(cluster = 'chat'): MeetingPlace {
    const before = process.env.USTA_RUNTIME_DIR;
    process.env.USTA_RUNTIME_DIR = this.directory;
    try {
      return new MeetingPlace(cluster);
    } finally {
      if (before === undefined) delete process.env.USTA_RUNTIME_DIR;
      else process.env.USTA_RUNTIME_DIR = before;
    }
  }

  newId(): string {
    return newMemberId(this.place().machine);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
