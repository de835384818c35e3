/** Events on their way from a gateway process to business processes, without sockets. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { TcpConnection } from '../../src/connection/tcp-connection.ts';
import { Business } from '../../src/gateway/business.ts';
import { Client } from '../../src/gateway/client.ts';
import { client as current } from '../../src/gateway/current-client.ts';
import { Dispatch, HANDLER } from '../../src/gateway/dispatch.ts';
import type { Exchange } from '../../src/gateway/exchange.ts';
import { writeFrame } from '../../src/gateway/frames.ts';
import type { Router } from '../../src/gateway/routers.ts';
import { Nodes } from './nodes.ts';
import { eventually } from './service.ts';

const CLOSED = {
  by: 'peer',
  how: 'fin',
  code: 1006,
  reason: '',
  idle: 0,
  age: 0,
  bytesRead: 0,
  bytesWritten: 0,
} as const;

let nodes: Nodes;
beforeEach(() => {
  nodes = new Nodes();
});
afterEach(() => nodes.close());

/** A connection that only knows whether it is read from. */
class Line {
  held = false;
  readonly remoteIp = '192.0.2.1';
  readonly remotePort = 1;
  hold(): void {
    this.held = true;
  }
  release(): void {
    this.held = false;
  }
}

interface Known {
  readonly client: Client;
  readonly line: Line;
}

/** A gateway process with clients that are none. */
class Gate {
  readonly exchange: Exchange;
  readonly dispatch: Dispatch;
  #last = 0;

  constructor(exchange: Exchange, router: Router = 'sticky') {
    this.exchange = exchange;
    this.dispatch = new Dispatch(exchange, { name: 'gate', port: () => 1 }, router);
  }

  static async open(router?: Router): Promise<Gate> {
    return new Gate((await nodes.gateway()).exchange, router);
  }

  come(): Known {
    const number = ++this.#last;
    const line = new Line();
    const id = this.exchange.ids.make({ node: this.exchange.bus.self.id, number });
    const client = new Client(id, number, line as unknown as TcpConnection);
    this.dispatch.take(client, { event: 'connect' });
    return { client, line };
  }

  say({ client }: Known, message: string): void {
    this.dispatch.take(client, { event: 'message', message });
  }

  go({ client }: Known): void {
    this.dispatch.take(client, { event: 'close', cause: CLOSED });
  }
}

/** A business process that notes what it handles. */
class Office {
  readonly exchange: Exchange;
  readonly business: Business;
  readonly done: string[] = [];
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => {};

  constructor(exchange: Exchange) {
    this.exchange = exchange;
    this.business = new Business(exchange, {
      onConnect: () => this.done.push('connect'),
      onMessage: async (_, message) => {
        await this.#gate;
        this.done.push(String(message));
      },
      onClose: (_, { how }) => this.done.push(`close ${how} ${current.id.length}`),
    });
    exchange.bus.take(HANDLER, 'office');
  }

  static async open(): Promise<Office> {
    const { exchange } = await nodes.verbs();
    return new Office(exchange);
  }

  /** Handles nothing until `open()`. */
  shut(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  async has(...expected: string[]): Promise<void> {
    await eventually(`${expected}; has ${this.done}`, () => this.done.length >= expected.length);
    assert.deepEqual(this.done, expected);
  }

  async leave(): Promise<void> {
    await this.business.leave();
    await this.exchange.bus.close();
  }
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`);

describe('events of a client', () => {
  it('wait for the first who handles them, and come in order', async () => {
    const gate = await Gate.open();
    const one = gate.come();
    for (const text of numbered(20)) gate.say(one, text);
    const here = await Office.open();
    await here.has('connect', ...numbered(20));
    gate.go(one);
    await here.has('connect', ...numbered(20), 'close fin 32');
    await eventually('nothing is left', () => gate.dispatch.underWay === 0);
  });

  it('a client that is not handled is not read from for long, and is again when it is', async () => {
    const gate = await Gate.open();
    const one = gate.come();
    gate.say(one, 'x'.repeat(20_000));
    assert.equal(one.line.held, true);
    const here = await Office.open();
    await eventually('it is read from again', () => !one.line.held);
    assert.equal(here.done.length, 2);
  });

  it('of a client that nobody has heard of are forgotten with it', async () => {
    const gate = await Gate.open();
    const one = gate.come();
    gate.say(one, 'never');
    gate.go(one);
    const here = await Office.open();
    const two = gate.come();
    gate.say(two, 'now');
    await here.has('connect', 'now');
  });

  it('go on elsewhere when the process leaves: what it has it ends first, nothing is handled twice', async () => {
    const gate = await Gate.open();
    const [first, one] = [await Office.open(), gate.come()];
    await first.has('connect');
    first.shut();
    for (const text of ['1', '2']) gate.say(one, text);
    const second = await Office.open();
    const left = first.leave();
    // Its answer comes behind the news that it leaves.
    await gate.exchange.ask([first.exchange.bus.self.id], writeFrame({ ask: 'groups', give: 'names' }));
    for (const text of ['3', '4']) gate.say(one, text);
    assert.equal(gate.dispatch.underWay, 2);
    assert.deepEqual(second.done, []);
    first.open();
    await left;
    await second.has('3', '4');
    assert.deepEqual(first.done, ['connect', '1', '2']);
    assert.equal(gate.exchange.lostEvents, 0);
  });

  it('are lost with a process that is lost, and counted; that the client has left is told again', async () => {
    const gate = await Gate.open();
    const [first, one, two] = [await Office.open(), gate.come(), gate.come()];
    await first.has('connect', 'connect');
    first.shut();
    for (const text of ['1', '2']) gate.say(one, text);
    gate.say(two, '3');
    gate.go(two);
    await eventually('all are under way', () => gate.dispatch.underWay === 4);
    await first.exchange.bus.close();
    await eventually('it is missed', () => gate.exchange.lostEvents === 3);
    const second = await Office.open();
    gate.say(one, '4');
    await eventually('both are handled', () => second.done.length === 2);
    assert.deepEqual(second.done.toSorted(), ['4', 'close fin 32']);
  });

  it('that do not arrive are counted when a later one of the client is handled', async () => {
    const gate = await Gate.open();
    const [here, one] = [await Office.open(), gate.come()];
    await here.has('connect');
    const { bus } = gate.exchange;
    const deliver = bus.unicast.bind(bus);
    bus.unicast = () => true;
    gate.say(one, 'lost');
    gate.say(one, 'lost too');
    bus.unicast = deliver;
    gate.say(one, 'there');
    await here.has('connect', 'there');
    await eventually('they are counted', () => gate.exchange.lostEvents === 2);
    assert.equal(gate.dispatch.underWay, 0);
  });

  it('are told anew, in order and once, to a process that has forgotten the client', async () => {
    const gate = await Gate.open();
    const [here, one] = [await Office.open(), gate.come()];
    gate.say(one, '1');
    await here.has('connect', '1');
    gate.exchange.tell(here.exchange.bus.self.id, writeFrame({ do: 'anew' }));
    for (const text of ['2', '3', '4']) gate.say(one, text);
    await here.has('connect', '1', '2', '3', '4');
    gate.go(one);
    await here.has('connect', '1', '2', '3', '4', 'close fin 32');
  });
});

describe('where clients are routed', () => {
  it('least-busy: away from a process that has something to do', async () => {
    const gate = await Gate.open('least-busy');
    const both = [await Office.open(), await Office.open()];
    const first = gate.come();
    gate.say(first, 'first');
    await eventually('it is handled', () => both.some(({ done }) => done.includes('first')));
    const [busy, idle] = both.toSorted((one) => (one.done.length > 0 ? -1 : 1)) as [Office, Office];
    busy.shut();
    const stuck = numbered(60);
    for (const text of stuck) gate.say(first, text);
    const others = numbered(20).map(() => gate.come());
    for (const one of others) gate.say(one, 'other');
    await eventually('the others are handled', () => idle.done.length === 40);
    assert.deepEqual(busy.done, ['connect', 'first']);
    busy.open();
    await busy.has('connect', 'first', ...stuck);
  });

  it('uid: all clients of a uid to one process, from when they have it', async () => {
    const gate = await Gate.open('uid');
    const [a, b] = [await Office.open(), await Office.open()];
    const clients = numbered(12).map(() => gate.come());
    await eventually('all have come', () => a.done.length + b.done.length === 12);
    for (const { client } of clients) client.uid = 'ann';
    for (const one of clients) gate.say(one, 'mine');
    await eventually('all are handled', () => a.done.length + b.done.length === 24);
    const counts = [a, b].map(({ done }) => done.filter((text) => text === 'mine').length);
    assert.deepEqual(counts.toSorted(), [0, 12].toSorted());
  });

  it('a function of one’s own decides', async () => {
    const asked: number[] = [];
    const gate = await Gate.open((_, choices) => {
      asked.push(choices.length);
      return choices.at(-1);
    });
    const here = await Office.open();
    const one = gate.come();
    gate.say(one, '1');
    await here.has('connect', '1');
    assert.ok(asked.includes(1));
  });
});
