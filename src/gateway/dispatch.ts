import { type Member, machineOf } from '../bus/member.ts';
import type { Client } from './client.ts';
import { Desk } from './desk.ts';
import type { ClientFacts, ToBusiness, ToGateway } from './events.ts';
import type { Exchange } from './exchange.ts';
import { kindOf, writeFrame } from './frames.ts';
import { type ClientEvent, Lane } from './lane.ts';
import { type OwnRouter, type Router, routerOf } from './routers.ts';

/** Who handles events has it. */
export const HANDLER = 'business';
/** Clients that have left while nobody was there to be told: so many are remembered. */
const MAX_GONE = 1_000;

/** What every gateway process says of itself to those who handle the events of its clients. */
export interface GatewayFacts {
  readonly name: string;
  readonly port: () => number;
}

/**
 * Brings the events of this process's clients to the business processes: those of one client to one process, in
 * order, each once. When that process leaves, the next one goes on where it has stopped; while there is none,
 * events wait and their clients are not read from for long.
 */
export class Dispatch {
  readonly #exchange: Exchange;
  readonly #facts: GatewayFacts;
  readonly #router: OwnRouter;
  readonly #isSticky: boolean;
  readonly #lanes = new Map<number, Lane>();
  readonly #desks = new Map<string, Desk>();
  /** Nobody handles them. */
  readonly #orphans = new Set<Lane>();
  #gone = 0;

  constructor(exchange: Exchange, facts: GatewayFacts, router: Router) {
    this.#exchange = exchange;
    this.#facts = facts;
    this.#router = routerOf(router);
    this.#isSticky = router === 'sticky';
    exchange.hear('handled', (from, { tickets }: Extract<ToGateway, { do: 'handled' }>) =>
      this.#handled(from, tickets),
    );
    exchange.hear('strange', (from, { ticket }: Extract<ToGateway, { do: 'strange' }>) =>
      this.#strange(from, ticket),
    );
    exchange.hear('leaving', (from) => this.#leaving(from));
    exchange.watch({ joined: (member) => this.#joined(member), left: ({ id }) => this.#lost(id) });
    if (exchange.bus.self.roles.includes(HANDLER)) this.#joined(exchange.bus.self);
  }

  /** Something has happened to a client. */
  take(client: Client, event: ClientEvent): void {
    const lane = this.#laneOf(client);
    if (event.event === 'close') {
      lane.isClosed = true;
      if (this.#forgetUnknown(lane)) return;
    }
    lane.add(event);
    this.#flow(lane);
  }

  /** Events that somebody has and has not handled yet. */
  get underWay(): number {
    let sum = 0;
    for (const { busy } of this.#desks.values()) sum += busy;
    return sum;
  }

  #laneOf(client: Client): Lane {
    const known = this.#lanes.get(client.number);
    if (known) return known;
    const lane = new Lane(client);
    this.#lanes.set(client.number, lane);
    this.#orphans.add(lane);
    return lane;
  }

  /** Who was never heard of need not be said to have gone. */
  #forgetUnknown(lane: Lane): boolean {
    if (!lane.isKnown) return this.#forget(lane);
    if (this.#orphans.has(lane) && ++this.#gone > MAX_GONE) {
      this.#gone--;
      this.#exchange.noteLost(1 + lane.waiting.length);
      return this.#forget(lane);
    }
    return false;
  }

  #forget(lane: Lane): true {
    this.#orphans.delete(lane);
    this.#lanes.delete(lane.client.number);
    lane.desk?.lanes.delete(lane);
    return true;
  }

  /** Sends what waits, as far as somebody is there for it. */
  #flow(lane: Lane): void {
    if (lane.underWay === 0) this.#assign(lane);
    const { desk } = lane;
    if (!desk || desk.isLeaving) return;
    for (const event of lane.waiting.splice(0)) this.#send(lane, desk, event);
  }

  /** Only while nothing is under way: whoever comes next must not overtake. */
  #assign(lane: Lane): void {
    const present = lane.desk?.isThere ? lane.desk : undefined;
    if (present && this.#isSticky) return;
    const choices = this.#choices();
    const chosen = this.#router(lane.client, choices, present) as Desk | undefined;
    const next = chosen?.isThere ? chosen : (present ?? choices[0]);
    if (next === lane.desk) return;
    lane.desk?.lanes.delete(lane);
    lane.desk = next;
    if (!next) return void this.#orphans.add(lane);
    if (this.#orphans.delete(lane) && lane.isClosed && this.#gone > 0) this.#gone--;
    next.lanes.add(lane);
    this.#introduce(lane, next);
  }

  /** Those of this machine if there are any: they stay when the connection to the others does not. */
  #choices(): readonly Desk[] {
    const there = [...this.#desks.values()].filter(({ isThere }) => isThere);
    const machine = machineOf(this.#exchange.bus.self.id);
    const near = there.filter(({ member }) => machineOf(member.id) === machine);
    return near.length > 0 ? near : there;
  }

  #introduce(lane: Lane, { member }: Desk): void {
    const { client } = lane;
    lane.isKnown = true;
    lane.toldSession = client.sessionVersion;
    lane.toldUid = client.uid;
    const adopt: ToBusiness = { do: 'adopt', client: factsOf(client, this.#facts) };
    this.#exchange.tell(member.id, writeFrame(adopt));
  }

  #send(lane: Lane, desk: Desk, event: ClientEvent): void {
    const { client } = lane;
    const { message = '', request, cause } = event;
    const ticket = desk.take(lane, event);
    const news: { session?: typeof client.session; changes?: number; uid?: string | null } = {};
    if (lane.toldSession !== client.sessionVersion) {
      news.session = client.session;
      news.changes = client.sessionChanges;
    }
    if (lane.toldUid !== client.uid) news.uid = client.uid ?? null;
    lane.toldSession = client.sessionVersion;
    lane.toldUid = client.uid;
    const header: ToBusiness = {
      do: 'event',
      event: event.event,
      number: client.number,
      ticket,
      ...kindOf(message),
      ...news,
      ...(request ? { request } : {}),
      ...(cause ? { cause } : {}),
    };
    this.#exchange.tell(desk.member.id, writeFrame(header, message));
  }

  #handled(from: string, tickets: readonly number[]): void {
    const desk = this.#desks.get(from);
    if (!desk) return;
    for (const ticket of tickets) {
      const done = desk.settle(ticket);
      if (!done) continue;
      const { lane, event } = done;
      this.#overtaken(desk, lane, ticket);
      if (event.event === 'close') this.#forget(lane);
      else if (lane.underWay === 0 && (desk.isLeaving || lane.waiting.length > 0)) this.#flow(lane);
    }
    this.#releaseIfDone(desk);
  }

  /** Those of one client are handled in order: what was sent before and is not, has not arrived. */
  #overtaken(desk: Desk, lane: Lane, ticket: number): void {
    const [oldest = ticket] = lane.tickets;
    if (oldest >= ticket) return;
    const lost = lane.tickets.filter((one) => one < ticket);
    for (const one of lost) desk.settle(one);
    this.#exchange.noteLost(lost.length);
  }

  #joined(member: Member): void {
    if (!member.roles.includes(HANDLER) || this.#desks.has(member.id)) return;
    this.#desks.set(member.id, new Desk(member));
    const anew: ToBusiness = { do: 'anew' };
    this.#exchange.tell(member.id, writeFrame(anew));
    for (const lane of [...this.#orphans]) this.#flow(lane);
  }

  /** It is told who the client is, and then everything again, in order. */
  #strange(from: string, ticket: number): void {
    const desk = this.#desks.get(from);
    const given = desk?.settle(ticket);
    if (!desk || !given) return;
    const { lane, event } = given;
    lane.returned.push(event);
    desk.lanes.delete(lane);
    lane.desk = undefined;
    if (lane.underWay > 0) return;
    lane.putBack(lane.returned.splice(0));
    this.#flow(lane);
    this.#releaseIfDone(desk);
  }

  /** What it has it handles; the next event of each client goes elsewhere. */
  #leaving(id: string): void {
    const desk = this.#desks.get(id);
    if (!desk) return;
    desk.isLeaving = true;
    desk.isThere = false;
    for (const lane of [...desk.lanes]) if (lane.underWay === 0) this.#flow(lane);
    this.#releaseIfDone(desk);
  }

  #releaseIfDone(desk: Desk): void {
    if (!desk.isLeaving || desk.busy > 0) return;
    this.#desks.delete(desk.member.id);
    for (const lane of [...desk.lanes]) this.#flow(lane);
    const released: ToBusiness = { do: 'released' };
    this.#exchange.tell(desk.member.id, writeFrame(released));
  }

  /**
   * What it had is lost, and counted; nobody knows how far it had come. That a client has left is told again: to
   * whoever goes on it is news.
   */
  #lost(id: string): void {
    const desk = this.#desks.get(id);
    if (!desk) return;
    this.#desks.delete(id);
    desk.isThere = false;
    let lost = 0;
    for (const { lane, event } of desk.settleAll()) {
      if (event.event === 'close') lane.putBack([event]);
      else lost++;
    }
    if (lost > 0) this.#exchange.noteLost(lost);
    for (const lane of [...desk.lanes]) this.#flow(lane);
  }
}

function factsOf(
  { number, uid, session, sessionChanges, connection }: Client,
  { name, port }: GatewayFacts,
): ClientFacts {
  return {
    number,
    ip: connection.remoteIp,
    port: connection.remotePort,
    gateway: name,
    gatewayPort: port(),
    ...(uid === undefined ? {} : { uid }),
    session,
    changes: sessionChanges,
  };
}
