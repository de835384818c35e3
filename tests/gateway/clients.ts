import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A client of the service that keeps what it is told. */
export class TestClient {
  static readonly #all = new Set<TestClient>();
  readonly socket: WebSocket;
  readonly heard: string[] = [];
  closedWith: number | undefined;
  #waiting: (() => void)[] = [];

  constructor(url: string) {
    this.socket = new WebSocket(url);
    TestClient.#all.add(this);
    this.socket.on('message', (message) => {
      this.heard.push(String(message));
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', (code) => {
      this.closedWith = code;
      TestClient.#all.delete(this);
      this.#wake();
    });
  }

  static async open(url: string): Promise<TestClient> {
    const client = new TestClient(url);
    await once(client.socket, 'open');
    return client;
  }

  /** A test that has failed leaves its clients behind. */
  static endAll(): void {
    for (const client of TestClient.#all) client.leave();
  }

  static openMany(url: string, count: number): Promise<TestClient[]> {
    return Promise.all(Array.from({ length: count }, () => TestClient.open(url)));
  }

  say(text: string): void {
    this.socket.send(text);
  }

  /** Says something and takes the next thing that it hears. */
  async ask(text: string): Promise<string> {
    const known = this.heard.length;
    this.say(text);
    await this.until(() => this.heard.length > known);
    return this.heard[known] ?? '';
  }

  /** Resolves when it holds; looked at again whenever something is heard. @throws {Error} the connection is closed. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.closedWith !== undefined) throw new Error(`closed with ${this.closedWith}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  leave(): void {
    this.socket.terminate();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Talks at a steady rate, each client in turn, and knows what is missing, out of order or there twice. */
export class Conversation {
  readonly #clients: readonly TestClient[];
  readonly #word: string;
  readonly #sent: number[];
  readonly #timer: NodeJS.Timeout;

  /** @param rate messages in a second, of all clients together. */
  constructor(clients: readonly TestClient[], rate: number, word = 'echo') {
    this.#clients = clients;
    this.#word = word;
    this.#sent = clients.map(() => 0);
    let next = 0;
    let due = 0;
    this.#timer = setInterval(() => {
      for (due += rate / 100; due >= 1; due--) {
        const index = next++ % clients.length;
        const number = this.#sent[index] ?? 0;
        this.#sent[index] = number + 1;
        clients[index]?.say(`${this.#word} ${number}`);
      }
    }, 10);
  }

  get sent(): number {
    return this.#sent.reduce((sum, one) => sum + one, 0);
  }

  get answered(): number {
    return this.#clients.reduce((sum, { heard }) => sum + heard.length, 0);
  }

  /** Nothing more is said; resolves when every client has heard the answer to its last message. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    for (const [index, client] of this.#clients.entries()) {
      const last = (this.#sent[index] ?? 0) - 1;
      if (last >= 0) await client.until(() => client.heard.includes(`echo ${last}`));
    }
  }

  /** What is wrong with the answers: nothing, when each message was answered once and in order. */
  faults({ mayMiss = false }: { readonly mayMiss?: boolean } = {}): string[] {
    return this.#clients.flatMap(({ heard }, index) => {
      const numbers = heard.map((text) => Number(text.split(' ')[1]));
      const faults: string[] = [];
      for (const [at, number] of numbers.entries()) {
        const before = numbers[at - 1] ?? -1;
        if (mayMiss ? number <= before : number !== before + 1)
          faults.push(`client ${index}: ${before} then ${number}`);
      }
      if (!mayMiss && numbers.length !== this.#sent[index])
        faults.push(`client ${index}: ${numbers.length} of ${this.#sent[index]}`);
      return faults;
    });
  }
}
