import { publish } from '../telemetry.ts';
import type { Carrier, Ears, Fate, Loss } from './carrier.ts';
import { framed, HEAD, Kind } from './frames.ts';
import { type Member, machineOf } from './member.ts';
import { CLOSED, Questions } from './questions.ts';

const NOBODY: ReadonlySet<string> = new Set();
const EMPTY = Buffer.alloc(0);

/** Who is told what comes on one port. What is thrown is reported and concerns nobody else. */
export interface PortEvents {
  /** @param payload on loan: valid until this returns. */
  message(from: string, payload: Buffer): void;
  /** @param payload on loan. @returns the answer. */
  question(from: string, payload: Buffer): Buffer;
  /** A member has come, or is there for something else than before. */
  joined?(member: Member): void;
  left?(member: Member): void;
}

export interface BusCounts {
  readonly sent: number;
  readonly received: number;
  /** By reason: `gap`, `slow`, `cut`. */
  readonly lost: Readonly<Record<Loss, number>>;
}

export interface Carriers {
  readonly local?: Carrier;
  readonly remote?: Carrier;
}

/**
 * Messages between processes: to one, to those who are subscribed to a topic, to all; and questions. What goes to
 * this process itself arrives before the call returns.
 */
export class Bus {
  #self: Member;
  readonly #local: Carrier | undefined;
  readonly #remote: Carrier | undefined;
  readonly #members = new Map<string, Member>();
  readonly #topics = new Map<string, number>();
  readonly #ports = new Map<number, PortEvents>();
  readonly #questions = new Questions();
  readonly #lost: Record<Loss, number> = { gap: 0, slow: 0, cut: 0 };
  #sent = 0;
  #received = 0;
  #isClosed = false;

  constructor(self: Member, { local, remote }: Carriers) {
    this.#self = self;
    this.#local = local;
    this.#remote = remote;
  }

  /** @throws {SystemError} there is no way to the others. */
  async open(): Promise<void> {
    const ears: Ears = {
      received: (from, frame) => this.#hear(from, frame),
      joined: (member) => this.#joined(member),
      left: (id) => this.#left(id),
      lost: (count, loss) => {
        this.#lost[loss] += count;
        publish('usta:bus:lost', { count, loss });
      },
    };
    try {
      for (const carrier of this.#carriers) await carrier.open(this.#self, ears);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get self(): Member {
    return this.#self;
  }

  /** The others. */
  get members(): ReadonlyMap<string, Member> {
    return this.#members;
  }

  get counts(): BusCounts {
    return { sent: this.#sent, received: this.#received, lost: { ...this.#lost } };
  }

  /** Whoever listens on a port hears of those who are there already, first. */
  listen(port: number, events: PortEvents): void {
    this.#ports.set(port, events);
    for (const member of this.#members.values()) contained(() => events.joined?.(member));
  }

  /** From now on this process is there for this, too. */
  take(role: string, name: string): void {
    if (this.#self.roles.includes(role)) return;
    this.#self = { ...this.#self, name, roles: [...this.#self.roles, role] };
    for (const carrier of this.#carriers) carrier.announce(this.#self);
    for (const port of this.#ports.values()) port.joined?.(this.#self);
  }

  /** @returns false when it is known at once that there is no such member. */
  unicast(port: number, to: string, payload: Buffer): boolean {
    if (to === this.#self.id) {
      this.#deliver(to, port, payload);
      return true;
    }
    return this.#tell(to, framed(Kind.message, port, payload)) !== 'nobody';
  }

  /**
   * To everybody who is subscribed to one of the topics, once.
   *
   * @param also members that are about to be, by our own doing: an order that makes them so is on its way.
   */
  multicast(
    port: number,
    topics: readonly string[],
    payload: Buffer,
    also: ReadonlySet<string> = NOBODY,
  ): void {
    const frame = framed(Kind.message, port, payload);
    this.#sent++;
    for (const carrier of this.#carriers) carrier.multicast(topics, frame, also);
    if (also.has(this.#self.id) || topics.some((topic) => this.#topics.has(topic)))
      this.#deliver(this.#self.id, port, payload);
  }

  /** To every member, this one included. */
  broadcast(port: number, payload: Buffer): void {
    const frame = framed(Kind.message, port, payload);
    this.#sent++;
    for (const carrier of this.#carriers) carrier.broadcast(frame);
    this.#deliver(this.#self.id, port, payload);
  }

  /** As often as it is subscribed to, it must be unsubscribed from. */
  subscribe(topic: string): void {
    const times = this.#topics.get(topic) ?? 0;
    this.#topics.set(topic, times + 1);
    if (times === 0) for (const carrier of this.#carriers) carrier.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    const times = this.#topics.get(topic) ?? 0;
    if (times > 1) return void this.#topics.set(topic, times - 1);
    if (this.#topics.delete(topic)) for (const carrier of this.#carriers) carrier.unsubscribe(topic);
  }

  /**
   * One round trip, to all of them at the same time. Who is not there, or goes, does not answer.
   *
   * @returns the answers, by member.
   * @throws {SystemError} `E_BUS_SILENT`: somebody who is there has not answered for five seconds, or cannot
   *   be reached now; `E_BUS_ANSWER`:
   *   it could not; `E_BUS_CLOSED`: this process has left the bus.
   */
  ask(port: number, to: Iterable<string>, payload: Buffer): Promise<ReadonlyMap<string, Buffer>> {
    const question = this.#questions.open((id) => this.#members.get(id)?.name ?? id);
    if (this.#isClosed) question.fail('E_BUS_CLOSED', CLOSED);
    const frame = framed(Kind.question, port, payload, question.number);
    const asked = new Set(to);
    for (const id of asked) question.expect(id);
    const { id: self } = this.#self;
    for (const id of asked) {
      const fate = id === self ? 'sent' : this.#tell(id, frame);
      if (fate === 'nobody') question.excuse(id);
      if (fate === 'lost') question.lost(id);
    }
    if (asked.has(self)) {
      const answer = this.#answerOf(port, self, payload);
      if (answer) question.answered(self, answer);
      else question.failed(self);
    }
    question.put();
    return question.answers;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#questions.close();
    await Promise.all(this.#carriers.map((carrier) => carrier.close()));
    this.#members.clear();
  }

  get #carriers(): readonly Carrier[] {
    return [this.#local, this.#remote].filter((one) => one !== undefined);
  }

  /** Members of this machine are reached directly. */
  #tell(to: string, frame: Buffer): Fate {
    const isNear = this.#local !== undefined && machineOf(to) === machineOf(this.#self.id);
    const carrier = isNear ? this.#local : this.#remote;
    const fate = carrier?.unicast(to, frame) ?? 'nobody';
    if (fate !== 'nobody') this.#sent++;
    return fate;
  }

  #hear(from: string, frame: Buffer): void {
    const [kind = -1, port = 0] = frame;
    if (frame.length < HEAD) return;
    this.#received++;
    const payload = frame.subarray(HEAD);
    const number = frame.readUInt32BE(2);
    switch (kind) {
      case Kind.message:
        return this.#deliver(from, port, payload);
      case Kind.answer:
        return this.#questions.answered(number, from, Buffer.from(payload));
      case Kind.failed:
        return this.#questions.failed(number, from);
      case Kind.question: {
        const answer = this.#answerOf(port, from, payload);
        this.#tell(from, framed(answer ? Kind.answer : Kind.failed, port, answer ?? EMPTY, number));
      }
    }
  }

  #deliver(from: string, port: number, payload: Buffer): void {
    contained(() => this.#ports.get(port)?.message(from, payload));
  }

  /** @returns undefined when whoever was asked has thrown. */
  #answerOf(port: number, from: string, payload: Buffer): Buffer | undefined {
    return contained(() => this.#ports.get(port)?.question(from, payload) ?? EMPTY);
  }

  #joined(member: Member): void {
    this.#members.set(member.id, member);
    for (const port of this.#ports.values()) contained(() => port.joined?.(member));
  }

  #left(id: string): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    this.#questions.left(id);
    for (const port of this.#ports.values()) contained(() => port.left?.(member));
  }
}

/** Others share the link on which a message came: what its handler throws must not reach them. */
function contained<Result>(handle: () => Result): Result | undefined {
  try {
    return handle();
  } catch (error) {
    publish('usta:handler:failed', { callback: 'bus', error });
    return undefined;
  }
}
