import { Hold } from '../connection/conversation.ts';
import type { Client } from './client.ts';
import type { Desk } from './desk.ts';
import type { ClientCloseCause, ClientRequest, EventName } from './events.ts';
import type { Message } from './frames.ts';

/** Something that has happened to a client and is to be handled. */
export interface ClientEvent {
  readonly event: EventName;
  readonly message?: Message;
  readonly request?: ClientRequest;
  readonly cause?: ClientCloseCause;
}

/** Bytes of one client that may wait; with more, it is not read from. */
const MAX_WAITING = 16 * 1024;
/** What an event costs besides its message. */
const OVERHEAD = 256;

/** The events of one client on their way to whoever handles them: one after the other, none twice. */
export class Lane {
  readonly client: Client;
  /** Not sent yet, oldest first. */
  readonly waiting: ClientEvent[] = [];
  /** Who handles them; nobody yet, or somebody who is leaving or gone. */
  desk: Desk | undefined;
  /** Not known where they were sent to; they wait until nothing is under way. */
  readonly returned: ClientEvent[] = [];
  /** Tickets of events that were sent and are not handled yet, oldest first. */
  readonly tickets: number[] = [];
  /** Somebody has been told of this client. */
  isKnown = false;
  isClosed = false;
  /** Versions that the one who handles it knows. */
  toldSession = 0;
  toldUid: string | undefined;
  #bytes = 0;

  constructor(client: Client) {
    this.client = client;
  }

  get underWay(): number {
    return this.tickets.length;
  }

  add(event: ClientEvent): void {
    this.waiting.push(event);
    this.#bytes += sizeOf(event);
    if (this.#bytes > MAX_WAITING) this.client.connection.hold(Hold.elsewhere);
  }

  /** Those that were sent to somebody who is lost, or does not know the client, come first again. */
  putBack(events: readonly ClientEvent[]): void {
    this.waiting.unshift(...events);
    for (const event of events) this.#bytes += sizeOf(event);
  }

  /** An event was handled, or is lost. */
  settle(ticket: number, event: ClientEvent): void {
    this.tickets.splice(this.tickets.indexOf(ticket), 1);
    this.#bytes -= sizeOf(event);
    if (this.#bytes <= MAX_WAITING / 2) this.client.connection.release(Hold.elsewhere);
  }
}

function sizeOf({ message = '' }: ClientEvent): number {
  return OVERHEAD + message.length;
}
