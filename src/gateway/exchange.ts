import type { Bus } from '../bus/bus.ts';
import type { Membership } from '../bus/join.ts';
import type { Member } from '../bus/member.ts';
import type { TcpConnection } from '../connection/tcp-connection.ts';
import { publish } from '../telemetry.ts';
import { Client } from './client.ts';
import { ClientIds } from './client-ids.ts';
import { readFrame } from './frames.ts';
import { type Order, obey } from './orders.ts';
import { answerTo, type Question } from './questions.ts';
import { Registry } from './registry.ts';

/** Of the bus: what this room says and hears. */
const PORT = 1;
/** Who holds clients has it. */
export const HOLDER = 'gateway';

/** Asked for an id of no client: whoever can read it signs ids as we do. */
export interface SampleQuestion {
  readonly ask: 'sample';
}

/** A header is an order unless somebody of this process listens for it. */
export type Listener = (from: string, header: never, body: Buffer) => void;

export interface MemberEvents {
  joined?(member: Member): void;
  left?(member: Member): void;
}

/** Where this process and the others of its cluster meet about clients: orders, questions, events. */
export class Exchange {
  readonly ids: ClientIds;
  readonly bus: Bus;
  readonly registry: Registry;
  readonly #byConnection = new WeakMap<TcpConnection, Client>();
  readonly #listeners = new Map<string, Listener>();
  readonly #memberEvents: MemberEvents[] = [];
  /** Events of clients that were with a business process when it was lost. */
  lostEvents = 0;
  #lastNumber = 0;

  constructor({ bus, secret }: Membership) {
    this.bus = bus;
    this.ids = new ClientIds(secret);
    this.registry = new Registry(bus);
    bus.listen(PORT, {
      message: (from, payload) => this.#message(from, payload),
      question: (_, payload) => {
        const { header } = readFrame<Question | SampleQuestion>(payload);
        const isSample = header.ask === 'sample';
        return Buffer.from(JSON.stringify(isSample ? this.#sampleId() : answerTo(header, this.registry)));
      },
      joined: (member) => {
        for (const events of this.#memberEvents) events.joined?.(member);
      },
      left: (member) => {
        for (const events of this.#memberEvents) events.left?.(member);
      },
    });
  }

  /** Whoever holds clients now, this process among them. */
  get holders(): readonly string[] {
    const { members, self } = this.bus;
    const others = [...members.values()].filter(({ roles }) => roles.includes(HOLDER));
    return [self.id, ...others.map(({ id }) => id)];
  }

  /** Hears what is said with this word, instead of its being an order. */
  hear(word: string, listener: Listener): void {
    this.#listeners.set(word, listener);
  }

  /** Hears of those who are there already, first. */
  watch(events: MemberEvents): void {
    this.#memberEvents.push(events);
    for (const member of this.bus.members.values()) events.joined?.(member);
  }

  tell(to: string, frame: Buffer): boolean {
    return this.bus.unicast(PORT, to, frame);
  }

  tellSubscribers(topics: readonly string[], frame: Buffer, also: ReadonlySet<string>): void {
    this.bus.multicast(PORT, topics, frame, also);
  }

  tellAll(frame: Buffer): void {
    this.bus.broadcast(PORT, frame);
  }

  /** @throws {SystemError} somebody who is there does not answer. */
  async ask(to: Iterable<string>, frame: Buffer): Promise<unknown[]> {
    const answers = await this.bus.ask(PORT, to, frame);
    return [...answers.values()].map((answer) =>
      answer.length === 0 ? null : JSON.parse(answer.toString()),
    );
  }

  clientOf(connection: TcpConnection): Client | undefined {
    return this.#byConnection.get(connection);
  }

  /** Makes a connection a client, until it closes. */
  enrol(connection: TcpConnection): Client {
    const known = this.#byConnection.get(connection);
    if (known) return known;
    const number = ++this.#lastNumber;
    const client = new Client(this.ids.make({ node: this.bus.self.id, number }), number, connection);
    this.#byConnection.set(connection, client);
    if (!connection.isClosed) {
      this.registry.add(client);
      connection.whenClosed(() => this.registry.remove(client));
    }
    return client;
  }

  noteLost(events: number): void {
    this.lostEvents += events;
    publish('usta:bus:lost', { count: events, loss: 'unhandled' });
  }

  /** Clients are counted from 1 on. */
  #sampleId(): string {
    return this.ids.make({ node: this.bus.self.id, number: 0 });
  }

  #message(from: string, payload: Buffer): void {
    const { header, body } = readFrame<{ do: string }>(payload);
    const listener = this.#listeners.get(header.do);
    if (listener) listener(from, header as never, body);
    else obey(header as Order, body, this.registry);
  }
}
