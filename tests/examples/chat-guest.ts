import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { FromPage, FromServer, Line, Person } from '../../examples/chat/protocol.ts';

type Heard<Type extends FromServer['type']> = Extract<FromServer, { type: Type }>;

/** Milliseconds. */
const PATIENCE = 8_000;

export function newId(): string {
  return randomBytes(16).toString('base64url');
}

/** Somebody in the chat, without a page. */
export class Guest {
  readonly socket: WebSocket;
  readonly name: string;
  readonly key: string;
  me: Person = { id: '', name: '' };
  room = '';
  /** What was heard and not asked for yet, but lists: of these the last one. */
  readonly #heard: FromServer[] = [];
  /** Who is there, as last told. */
  names: readonly string[] = [];
  #told: () => void = () => {};

  /** @param key the same for all tabs of a browser. */
  static async enter(
    url: string,
    name: string,
    room: string = 'Hall',
    key: string = newId(),
  ): Promise<Guest> {
    const guest = new Guest(new WebSocket(url), name, key);
    await once(guest.socket, 'open');
    await guest.go(room);
    return guest;
  }

  private constructor(socket: WebSocket, name: string, key: string) {
    this.socket = socket;
    this.name = name;
    this.key = key;
    socket.on('message', (message) => {
      this.#take(JSON.parse(String(message)) as FromServer);
      this.#told();
    });
  }

  send(message: FromPage): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Goes into a room. @returns what was said there. */
  async go(room: string): Promise<readonly Line[]> {
    this.send({ type: 'enter', name: this.name, key: this.key, room });
    const { me, lines, room: entered } = await this.hears('entered');
    this.me = me;
    this.room = entered;
    return lines;
  }

  say(text: string): void {
    this.send({ type: 'say', id: newId(), room: this.room, text });
  }

  tell(to: Person, text: string): void {
    this.send({ type: 'tell', id: newId(), to: to.id, text });
  }

  /** The next of a kind. */
  async hears<Type extends FromServer['type']>(type: Type): Promise<Heard<Type>> {
    return this.#until(`${type} was heard`, () => {
      const index = this.#heard.findIndex((message) => message.type === type);
      return index < 0 ? undefined : (this.#heard.splice(index, 1)[0] as Heard<Type>);
    });
  }

  async hearsLine(): Promise<Line> {
    return (await this.hears('line')).line;
  }

  /** Resolves when those, and nobody else, are there. */
  async sees(...names: string[]): Promise<void> {
    const wanted = [...names].sort().join();
    await this.#until(`${names} are there`, () => (this.names.join() === wanted ? true : undefined));
  }

  /** Nothing was said to it that it has not asked for. */
  async hearsNothingMore(): Promise<void> {
    this.send({ type: 'ping' });
    await this.hears('pong');
    assert.deepEqual(
      this.#heard.filter(({ type }) => type !== 'rooms'),
      [],
    );
  }

  async leave(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }

  #take(message: FromServer): void {
    if (message.type !== 'people') return void this.#heard.push(message);
    if (message.room === this.room || this.room === '')
      this.names = message.people.map(({ name }) => name).sort();
  }

  async #until<Result>(what: string, look: () => Result | undefined): Promise<Result> {
    const signal = AbortSignal.timeout(PATIENCE);
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve, reject) => {
        this.#told = resolve;
        signal.onabort = () =>
          reject(new Error(`not ${what}; ${this.names} are there; heard: ${JSON.stringify(this.#heard)}`));
      });
    }
  }
}
