import type { Member } from '../bus/member.ts';
import type { ClientEvent, Lane } from './lane.ts';
import type { Handling } from './routers.ts';

/** A business process and what it has been given. */
export class Desk implements Handling {
  readonly member: Member;
  readonly lanes: Set<Lane> = new Set();
  /** It can be given events. */
  isThere = true;
  isLeaving = false;
  readonly #given = new Map<number, { readonly lane: Lane; readonly event: ClientEvent }>();
  #lastTicket = 0;

  constructor(member: Member) {
    this.member = member;
  }

  get clients(): number {
    return this.lanes.size;
  }

  get busy(): number {
    return this.#given.size;
  }

  take(lane: Lane, event: ClientEvent): number {
    const ticket = ++this.#lastTicket;
    this.#given.set(ticket, { lane, event });
    lane.tickets.push(ticket);
    return ticket;
  }

  settle(ticket: number): { readonly lane: Lane; readonly event: ClientEvent } | undefined {
    const given = this.#given.get(ticket);
    this.#given.delete(ticket);
    given?.lane.settle(ticket, given.event);
    return given;
  }

  settleAll(): { readonly lane: Lane; readonly event: ClientEvent }[] {
    return [...this.#given.keys()].flatMap((ticket) => this.settle(ticket) ?? []);
  }
}
