import { isThenable } from '../contained.ts';
import { publish } from '../telemetry.ts';
import { asCurrent, type CurrentClient } from './current-client.ts';
import type { EventHandler } from './event-handler.ts';
import type { ClientCloseCause, ClientFacts, EventName, ToBusiness, ToGateway } from './events.ts';
import { type Exchange, HOLDER } from './exchange.ts';
import { messageOf, writeFrame } from './frames.ts';
import type { Order } from './orders.ts';
import { type Session, SessionWatch } from './session.ts';

const LOST: ClientCloseCause = {
  by: 'network',
  how: 'gateway-lost',
  code: 1006,
  reason: 'the gateway process that held the connection is gone',
};

type EventHeader = Extract<ToBusiness, { do: 'event' }>;

interface Task {
  readonly event: EventName;
  readonly handle: (handler: EventHandler) => unknown;
  /** Undefined when nobody waits for an answer. */
  readonly ticket: number | undefined;
  /** Another has changed what belongs to the client. */
  readonly session: Session | undefined;
  readonly changes: number;
  readonly uid: string | null | undefined;
}

/**
 * Handles events of clients, wherever those are connected: of one client one after the other, each when the one
 * before is done; of different clients side by side.
 */
export class Business {
  readonly #exchange: Exchange;
  readonly #handler: EventHandler;
  /** By gateway process, then by number. */
  readonly #clients = new Map<string, Map<number, HandledClient>>();
  /** Handled and not said so yet, by gateway process. */
  readonly #handled = new Map<string, number[]>();
  readonly #unreleased = new Set<string>();
  #busy = 0;
  #settled: () => void = () => {};

  constructor(exchange: Exchange, handler: EventHandler) {
    this.#exchange = exchange;
    this.#handler = handler;
    exchange.hear('adopt', (from, { client }: Extract<ToBusiness, { do: 'adopt' }>) =>
      this.#adopt(from, client),
    );
    exchange.hear('anew', (from) => this.#clients.delete(from));
    exchange.hear('event', (from, header: EventHeader, body) => this.#take(from, header, body));
    exchange.hear('released', (from) => {
      this.#unreleased.delete(from);
      this.#checkSettled();
    });
    exchange.watch({ left: ({ id }) => this.#gatewayLost(id) });
  }

  /** Takes no more clients, and resolves when everything that was on its way is handled. */
  async leave(): Promise<void> {
    const { members, self } = this.#exchange.bus;
    for (const { id, roles } of [self, ...members.values()])
      if (roles.includes(HOLDER)) this.#unreleased.add(id);
    const leaving: ToGateway = { do: 'leaving' };
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    for (const id of [...this.#unreleased]) {
      if (!this.#exchange.tell(id, writeFrame(leaving))) this.#unreleased.delete(id);
    }
    this.#checkSettled();
    await settled;
  }

  #adopt(from: string, facts: ClientFacts): void {
    const there = this.#clients.get(from) ?? new Map<number, HandledClient>();
    this.#clients.set(from, there);
    const id = this.#exchange.ids.make({ node: from, number: facts.number });
    there.set(facts.number, new HandledClient(id, from, facts));
  }

  #take(from: string, header: EventHeader, body: Buffer): void {
    const { event, number, ticket, request, cause, session, changes = 0, uid } = header;
    const client = this.#clients.get(from)?.get(number);
    if (!client) return this.#strange(from, ticket);
    const message = event === 'message' ? messageOf(body, header) : '';
    const { id } = client;
    const handle = (handler: EventHandler): unknown => {
      switch (event) {
        case 'connect':
          return handler.onConnect?.(id);
        case 'websocket':
          return request && handler.onWebSocketConnect?.(id, request);
        case 'message':
          return handler.onMessage(id, message);
        case 'close':
          return cause && handler.onClose?.(id, cause);
      }
    };
    this.#queue(client, { event, handle, ticket, session, changes, uid });
  }

  #strange(from: string, ticket: number): void {
    const strange: ToGateway = { do: 'strange', ticket };
    this.#exchange.tell(from, writeFrame(strange));
  }

  #queue(client: HandledClient, task: Task): void {
    client.tasks.push(task);
    this.#busy++;
    if (!client.isBusy) this.#next(client);
  }

  #next(client: HandledClient): void {
    for (let task = client.tasks.shift(); task; task = client.tasks.shift()) {
      const result = this.#begin(client, task);
      if (!isThenable(result)) {
        this.#end(client, task);
        continue;
      }
      const current = task;
      client.isBusy = true;
      const resume = (): void => {
        client.isBusy = false;
        this.#end(client, current);
        this.#next(client);
      };
      result.then(resume, (error: unknown) => {
        this.#failed(client, current.event, error);
        resume();
      });
      return;
    }
  }

  #begin(client: HandledClient, { event, handle, session, changes, uid }: Task): unknown {
    if (session) client.watch.replace(session, changes);
    if (uid !== undefined) client.uid = uid ?? undefined;
    try {
      return asCurrent(client, () => handle(this.#handler));
    } catch (error) {
      this.#failed(client, event, error);
      return undefined;
    }
  }

  #end(client: HandledClient, { event, ticket }: Task): void {
    this.#busy--;
    this.#keepSession(client);
    if (event === 'close') this.#clients.get(client.node)?.delete(client.number);
    if (ticket !== undefined) this.#done(client.node, ticket);
    this.#checkSettled();
  }

  #keepSession(client: HandledClient): void {
    try {
      const change = client.watch.takeChange();
      if (change) this.#order(client, { do: 'changeSession', to: client.number, ...change });
    } catch (error) {
      this.#failed(client, 'message', error);
    }
  }

  /** As with any connection: the one whose handler has failed is closed. */
  #failed(client: HandledClient, event: EventName, error: unknown): void {
    publish('usta:handler:failed', { callback: CALLBACKS[event], error });
    if (event === 'close') return;
    this.#order(client, { do: 'close', to: client.number, code: 1011, reason: 'internal error' });
  }

  #order(client: HandledClient, order: Order): void {
    this.#exchange.tell(client.node, writeFrame(order));
  }

  /** Several at a time, behind all that their handlers have sent. */
  #done(gateway: string, ticket: number): void {
    const tickets = this.#handled.get(gateway);
    if (tickets) return void tickets.push(ticket);
    this.#handled.set(gateway, [ticket]);
    queueMicrotask(() => {
      const handled: ToGateway = { do: 'handled', tickets: this.#handled.get(gateway) ?? [] };
      this.#handled.delete(gateway);
      this.#exchange.tell(gateway, writeFrame(handled));
    });
  }

  #gatewayLost(id: string): void {
    this.#unreleased.delete(id);
    const clients = this.#clients.get(id);
    for (const client of [...(clients?.values() ?? [])]) {
      const handle = (handler: EventHandler): unknown => handler.onClose?.(client.id, LOST);
      const nothing = { ticket: undefined, session: undefined, changes: 0, uid: undefined };
      this.#queue(client, { event: 'close', handle, ...nothing });
    }
    this.#checkSettled();
  }

  #checkSettled(): void {
    if (this.#busy === 0 && this.#unreleased.size === 0) this.#settled();
  }
}

/** A client whose events are handled here. */
class HandledClient implements CurrentClient {
  readonly id: string;
  readonly node: string;
  readonly number: number;
  readonly remoteIp: string;
  readonly remotePort: number;
  readonly gateway: string;
  readonly gatewayPort: number;
  uid: string | undefined;
  readonly watch = new SessionWatch();
  readonly tasks: Task[] = [];
  /** An asynchronous handler has not ended. */
  isBusy = false;

  constructor(
    id: string,
    node: string,
    { number, ip, port, gateway, gatewayPort, uid, session, changes }: ClientFacts,
  ) {
    this.id = id;
    this.node = node;
    this.number = number;
    this.remoteIp = ip;
    this.remotePort = port;
    this.gateway = gateway;
    this.gatewayPort = gatewayPort;
    this.uid = uid;
    this.watch.replace(session, changes);
  }

  get session(): Session {
    return this.watch.look();
  }
}

const CALLBACKS: Readonly<Record<EventName, string>> = {
  connect: 'onConnect',
  websocket: 'onWebSocketConnect',
  message: 'onMessage',
  close: 'onClose',
};
