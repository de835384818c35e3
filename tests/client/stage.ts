/** A client on a stage: its clock, its dice, its page and its sockets do what the test says. */
import type { CloseCause } from '../../src/client/close-cause.ts';
import type { Address } from '../../src/client/link.ts';
import { type ClientOptions, type Format, settingsOf } from '../../src/client/options.ts';
import { ReconnectingClient } from '../../src/client/reconnecting-client.ts';
import type { Data, Received, SocketEvent } from '../../src/client/socket.ts';
import type { PageNews, World } from '../../src/client/world.ts';

export class FakeWorld implements World {
  offline = false;
  chance = 0.5;
  watchers = 0;
  #now = 0;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];
  #tell: (news: PageNews) => void = () => {};

  /** Milliseconds until each thing that is planned. */
  get planned(): number[] {
    return this.#timers.map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.chance;
  }

  isOffline(): boolean {
    return this.offline;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  watch(tell: (news: PageNews) => void): () => void {
    this.watchers++;
    this.#tell = tell;
    return () => {
      this.watchers--;
      this.#tell = () => {};
    };
  }

  async tell(news: PageNews): Promise<void> {
    this.#tell(news);
    await settled();
  }

  /** Lets time pass, and everything happen that was planned for it. */
  async pass(seconds: number): Promise<void> {
    const until = this.#now + seconds * 1000;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers = this.#timers.filter((one) => one !== next);
      next.callback();
      await settled();
    }
    this.#now = until;
    await settled();
  }
}

export class FakeSocket {
  readyState = 0;
  bufferedAmount = 0;
  protocol = '';
  binaryType = 'blob';
  readonly url: string;
  readonly protocols: readonly string[];
  readonly sent: Data[] = [];
  /** How it was closed by the client. */
  closed: [code?: number, reason?: string] | undefined;
  readonly #listeners = new Map<string, (event: SocketEvent) => void>();

  constructor(url: string, protocols: string[] = []) {
    this.url = url;
    this.protocols = protocols;
  }

  addEventListener(type: string, listener: (event: SocketEvent) => void): void {
    this.#listeners.set(type, listener);
  }

  send(data: string): void {
    this.sent.push(data);
  }

  close(code?: number, reason?: string): void {
    this.closed ??= [code, reason].filter((one) => one !== undefined) as [number, string];
    if (this.readyState < 2) this.readyState = 2;
  }

  opens(): void {
    this.readyState = 1;
    this.#listeners.get('open')?.({ type: 'open' });
  }

  says(data: Received): void {
    this.#listeners.get('message')?.({ type: 'message', data });
  }

  ends(code: number = 1006, reason: string = ''): void {
    this.readyState = 3;
    if (code === 1006) this.#listeners.get('error')?.({ type: 'error' });
    this.#listeners.get('close')?.({ type: 'close', code, reason });
  }
}

export interface Stage<In, Out> {
  readonly client: ReconnectingClient<In, Out>;
  readonly world: FakeWorld;
  readonly sockets: FakeSocket[];
  /** The newest. */
  readonly socket: FakeSocket;
  readonly messages: In[];
  readonly opens: boolean[];
  readonly causes: CloseCause[];
  readonly cause: CloseCause;
  readonly statuses: string[];
}

type Given<In, Out> = ClientOptions<In, Out> & Partial<Format<In, Out>>;

/** Connects; the first socket is made and not open yet. */
export async function stage<In = Received, Out = Data>(
  options: Given<In, Out> = {},
  world: FakeWorld = new FakeWorld(),
  address: Address = 'ws://server.test/',
): Promise<Stage<In, Out>> {
  const sockets: FakeSocket[] = [];
  class WebSocket extends FakeSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const client = new ReconnectingClient<In, Out>(address, settingsOf({ WebSocket, ...options }), world);
  const messages: In[] = [];
  const opens: boolean[] = [];
  const causes: CloseCause[] = [];
  const statuses: string[] = [];
  client.on('message', (message) => messages.push(message));
  client.on('open', (isAgain) => opens.push(isAgain));
  client.on('close', (cause) => causes.push(cause));
  client.on('status', (status) => statuses.push(status));
  await settled();
  return {
    client,
    world,
    sockets,
    messages,
    opens,
    causes,
    statuses,
    get socket() {
      return last(sockets);
    },
    get cause() {
      return last(causes);
    },
  };
}

/** Everything that was promised has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function last<One>(list: readonly One[]): One {
  const one = list.at(-1);
  if (one === undefined) throw new Error('there is none yet');
  return one;
}
