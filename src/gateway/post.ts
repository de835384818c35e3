import type { TcpConnection } from '../connection/tcp-connection.ts';
import { UsageError } from '../errors.ts';
import { type Exchange, HOLDER } from './exchange.ts';
import { ExpectedJoins } from './expected-joins.ts';
import { kindOf, type Message, writeFrame } from './frames.ts';
import type { Order } from './orders.ts';
import type { ClientAnswer, Question } from './questions.ts';

/** A client: its id, or a connection of this process, which becomes one. */
export type ClientRef = string | TcpConnection;
/** A uid or a group. Numbers and their texts are the same. */
export type Name = string | number;

/** How orders and questions get onto the bus: to whom, in as few messages as there are processes concerned. */
export interface Post {
  /** To the process that holds the client; nothing happens when it is gone. */
  toClient(client: ClientRef, order: (number: number) => Order, message?: Message): void;
  toClients(clients: readonly ClientRef[], order: (numbers: number[]) => Order, message?: Message): void;
  /** To the processes that hold a subscriber of one of the topics. */
  toTopics(topics: readonly string[], order: Order, message?: Message): void;
  toAll(order: Order, message?: Message): void;
  /** The client's process is about to be subscribed to it. */
  expect(client: ClientRef, topic: string): void;
  askOf(client: ClientRef): Promise<ClientAnswer | null>;
  /** @returns an answer of each process that holds clients. */
  askAll(question: Question): Promise<unknown[]>;
}

/** @param withExchange acts now, or as soon as this process is on the bus, in order. */
export function postOver(
  withExchange: (act: (exchange: Exchange) => void) => void,
  ownExchange: () => Promise<Exchange>,
): Post {
  const expected = new ExpectedJoins();
  return {
    toClient: (client, order, message) =>
      withExchange((exchange) => {
        const place = placeOf(client, exchange);
        if (place) exchange.tell(place.node, framed(order(place.number), message));
      }),
    toClients: (clients, order, message) =>
      withExchange((exchange) => {
        const numbers = new Map<string, number[]>();
        for (const client of clients) {
          const place = placeOf(client, exchange);
          if (!place) continue;
          const there = numbers.get(place.node);
          if (there) there.push(place.number);
          else numbers.set(place.node, [place.number]);
        }
        for (const [node, all] of numbers) exchange.tell(node, framed(order(all), message));
      }),
    toTopics: (topics, order, message) =>
      withExchange((exchange) => {
        if (topics.length > 0) exchange.tellSubscribers(topics, framed(order, message), expected.of(topics));
      }),
    toAll: (order, message) => withExchange((exchange) => exchange.tellAll(framed(order, message))),
    expect: (client, topic) =>
      withExchange((exchange) => {
        const place = placeOf(client, exchange);
        if (place) expected.add(topic, place.node);
      }),
    async askOf(client) {
      const exchange = await ownExchange();
      const place = placeOf(client, exchange);
      if (!place) return null;
      const question: Question = { ask: 'client', number: place.number };
      const [answer = null] = await exchange.ask([place.node], writeFrame(question));
      return answer as ClientAnswer | null;
    },
    async askAll(question) {
      const exchange = await ownExchange();
      return exchange.ask(exchange.holders, writeFrame(question));
    },
  };
}

function framed(order: Order, message: Message | undefined): Buffer {
  return message === undefined ? writeFrame(order) : writeFrame({ ...order, ...kindOf(message) }, message);
}

function placeOf(
  client: ClientRef,
  exchange: Exchange,
): { readonly node: string; readonly number: number } | undefined {
  if (typeof client === 'string') return exchange.ids.read(client);
  // Known by what it can do: programs outside, which hold no connections, load none of their code.
  if (typeof client?.whenClosed !== 'function')
    throw new UsageError('E_CLIENT', 'a client is named by its id, or is a connection of this process');
  exchange.bus.take(HOLDER, exchange.bus.self.name);
  return { node: exchange.bus.self.id, number: exchange.enrol(client).number };
}
