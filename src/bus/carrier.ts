import type { Member } from './member.ts';

/**
 * Carries frames between the processes of a cluster: at most once, and from one process to another in the order
 * in which they were sent. Every one sits the same examination (tests/bus/carrier-suite.ts).
 */
export interface Carrier {
  /**
   * Resolves when those who were there are known, and know us.
   *
   * @throws {SystemError} there is no way to them.
   */
  open(self: Member, ears: Ears): Promise<void>;
  /** Tells the others that we are there for something else than before. */
  announce(self: Member): void;
  unicast(to: string, frame: Buffer): Fate;
  /**
   * To every member that is subscribed to one of the topics, once.
   *
   * @param also those who are about to be, by our own doing: they get it too, once.
   */
  multicast(topics: readonly string[], frame: Buffer, also: ReadonlySet<string>): void;
  /** To every other member. */
  broadcast(frame: Buffer): void;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  /** Resolves when what was sent is on its way and the others know that we have gone. */
  close(): Promise<void>;
}

/** What is known at once of a frame: on its way; lost, and counted; or for nobody who is there. */
export type Fate = 'sent' | 'lost' | 'nobody';

/** Who is told by a carrier. */
export interface Ears {
  /** @param frame on loan: valid until this returns. */
  received(from: string, frame: Buffer): void;
  /** A member has come, or is there for something else than before. */
  joined(member: Member): void;
  /** Told once for each that has joined. One that was only silent for long may come back: it joins again. */
  left(id: string): void;
  /** Frames that should have come, or could not be sent. */
  lost(count: number, loss: Loss): void;
}

/**
 * Why frames were lost. `gap`: they did not arrive. `slow`: a member, or the server, does not read. `cut`: they could
 * not be sent: there is no connection, or they are too large.
 */
export type Loss = 'gap' | 'slow' | 'cut';
