import { publish } from '../../telemetry.ts';
import { every, now, Timer } from '../../timer.ts';
import type { Carrier, Ears, Fate, Loss } from '../carrier.ts';
import { jsonOf } from '../json.ts';
import { type Member, machineOf } from '../member.ts';
import { Sealer, senderOf } from './envelope.ts';
import { type Heartbeat, readHeartbeat } from './heartbeat.ts';
import type { Medium } from './medium.ts';
import { Peer } from './peer.ts';
import { SentNumbers } from './sequences.ts';
import { Subjects } from './subjects.ts';

const HEARTBEAT_MS = 500;
/** So long after its last use a heartbeat tells of a subject: two of them do. */
const TOLD_MS = 2.5 * HEARTBEAT_MS;
/** One who was silent for so long is asked for; if nobody hears its subject it is gone. */
const MISSED_MS = 900;
/** One who is heard of no more for so long is gone, whatever the medium says. */
const SILENT_SECONDS = 10;
/** A newcomer waits for others until it has met nobody for so long, or three times as long as the medium takes. */
const QUIET_MS = 150;
const MAX_QUIET_MS = 3000;
/** Forgeries are told of as rarely as this. */
const FORGED_MS = 10_000;

export interface RemoteOptions {
  /** Names the cluster: others on the same medium do not hear us. */
  readonly cluster: string;
  readonly secret: Buffer;
  /** Members of our own machine are reached in another way: what comes from them is not heard here. */
  readonly skipOwnMachine: boolean;
  /** One of whom nothing was heard for so many seconds is gone. Default 10. */
  readonly silentSeconds?: number;
}

/** Processes on several machines, over something that publishes and subscribes. */
export class RemoteCarrier implements Carrier {
  readonly #medium: Medium;
  readonly #silentMs: number;
  readonly #isSkipped: (from: string) => boolean;
  readonly #subjects: Subjects;
  readonly #sealer: Sealer;
  readonly #sent = new SentNumbers();
  readonly #peers = new Map<string, Peer>();
  /** Since when we are subscribed, by subject. */
  readonly #subscriptions = new Map<string, number>();
  #self: Member = NOBODY;
  #ears: Ears = DEAF;
  #lastCopy = 0;
  #metAt = 0;
  #cutAt = 0;
  #tickedAt = 0;
  #forgedAt = Number.NEGATIVE_INFINITY;
  #hasToldLarge = false;
  #stop: () => void = () => {};

  constructor(
    medium: Medium,
    { cluster, secret, skipOwnMachine, silentSeconds = SILENT_SECONDS }: RemoteOptions,
  ) {
    this.#silentMs = silentSeconds * 1000;
    this.#medium = medium;
    this.#subjects = new Subjects(cluster);
    this.#sealer = new Sealer(secret);
    this.#isSkipped = (from) =>
      from === this.#self.id || (skipOwnMachine && machineOf(from) === machineOf(this.#self.id));
  }

  async open(self: Member, ears: Ears): Promise<void> {
    this.#self = self;
    this.#ears = ears;
    await this.#medium.open({
      received: (subject, bytes) => this.#received(subject, bytes),
      connection: (isConnected, reason) => this.#connection(isConnected, reason),
    });
    const { members, all } = this.#subjects;
    for (const subject of [members, all, this.#subjects.of(self.id)]) this.#subscribe(subject);
    const begun = now();
    await this.#medium.settled();
    const quiet = Math.max(QUIET_MS, 3 * (now() - begun));
    this.#metAt = now();
    const latest = now() + Math.max(quiet, MAX_QUIET_MS);
    this.#beat({ isNew: true });
    while (now() < Math.min(this.#metAt + quiet, latest)) await Timer.sleep(QUIET_MS / 3000);
    this.#tickedAt = now();
    this.#stop = every(HEARTBEAT_MS, () => this.#tick());
  }

  announce(self: Member): void {
    this.#self = self;
    this.#beat({});
  }

  unicast(to: string, frame: Buffer): Fate {
    if (!this.#peers.has(to)) return 'nobody';
    return this.#publish(this.#subjects.of(to), frame) ? 'sent' : 'lost';
  }

  multicast(topics: readonly string[], frame: Buffer, also: ReadonlySet<string>): void {
    if (this.#peers.size === 0) return;
    const subjects = [...also].filter((id) => this.#peers.has(id)).map((id) => this.#subjects.of(id));
    for (const topic of topics) subjects.push(this.#subjects.about(topic));
    const copyOf = subjects.length > 1 ? this.#nextCopy() : 0;
    for (const subject of subjects) this.#publish(subject, frame, copyOf);
  }

  broadcast(frame: Buffer): void {
    if (this.#peers.size > 0) this.#publish(this.#subjects.all, frame);
  }

  subscribe(topic: string): void {
    this.#subscribe(this.#subjects.about(topic));
  }

  unsubscribe(topic: string): void {
    const subject = this.#subjects.about(topic);
    this.#subscriptions.delete(subject);
    this.#medium.unsubscribe(subject);
    for (const { numbers } of this.#peers.values()) numbers.forget(this.#subjects.short(subject));
  }

  async close(): Promise<void> {
    this.#stop();
    this.#beat({ leaves: true });
    this.#ears = DEAF;
    await this.#medium.close();
  }

  #subscribe(subject: string): void {
    this.#subscriptions.set(subject, now());
    this.#medium.subscribe(subject);
  }

  #nextCopy(): number {
    this.#lastCopy = (this.#lastCopy % 0xffffffff) + 1;
    return this.#lastCopy;
  }

  #publish(subject: string, frame: Buffer, copyOf = 0): boolean {
    // What cannot be sent is counted too: those who miss it see the gap.
    const number = this.#sent.next(this.#subjects.short(subject));
    const loss = this.#seal(subject, { number, copyOf, frame });
    if (loss) this.#ears.lost(1, loss);
    return loss === undefined;
  }

  /** @returns why it was not sent. */
  #seal(subject: string, envelope: Omit<Parameters<Sealer['seal']>[1], 'from'>): Loss | undefined {
    const medium = this.#medium;
    if (!medium.isConnected) return 'cut';
    const bytes = this.#sealer.seal(subject, { from: this.#self.id, ...envelope });
    if (bytes.length <= medium.maxBytes) return medium.publish(subject, bytes) ? undefined : 'slow';
    if (!this.#hasToldLarge) publish('usta:notice', { text: tooLarge(bytes.length, medium.maxBytes) });
    this.#hasToldLarge = true;
    return 'cut';
  }

  #beat(more: Pick<Heartbeat, 'isNew' | 'leaves'>, subject = this.#subjects.members): void {
    // Whoever was away, or hears from one that was, needs to know more.
    const numbers = this.#sent.recent(more.isNew || subject !== this.#subjects.members ? undefined : TOLD_MS);
    const frame = jsonOf({ member: this.#self, ...more, numbers } satisfies Heartbeat);
    this.#seal(subject, { number: { series: 0, sequence: 0 }, copyOf: 0, frame });
  }

  #tick(): void {
    const late = now() - this.#tickedAt - HEARTBEAT_MS;
    this.#tickedAt = now();
    this.#beat({});
    // While this process was stopped or busy the others have spoken, and were not heard.
    if (late > HEARTBEAT_MS) return this.#excuseAll();
    if (!this.#medium.isConnected) return;
    for (const [id, peer] of this.#peers) {
      const silence = now() - peer.heardAt;
      if (silence > this.#silentMs) this.#gone(id);
      else if (silence > MISSED_MS && !peer.isAskedFor) void this.#askFor(id, peer);
    }
  }

  async #askFor(id: string, peer: Peer): Promise<void> {
    const askedAt = now();
    peer.isAskedFor = true;
    const isHeard = await this.#medium.isHeard(this.#subjects.of(id)).catch(() => true);
    peer.isAskedFor = false;
    if (!isHeard && this.#medium.isConnected && this.#peers.get(id) === peer && peer.heardAt < askedAt)
      this.#gone(id);
  }

  #gone(id: string): void {
    if (this.#peers.delete(id)) this.#ears.left(id);
  }

  #connection(isConnected: boolean, reason: string): void {
    publish('usta:bus:connection', { isConnected, reason });
    if (!isConnected) {
      this.#cutAt = now();
      return;
    }
    for (const [subject, since] of this.#subscriptions)
      if (since >= this.#cutAt) this.#subscriptions.set(subject, now());
    this.#excuseAll();
    this.#beat({ isNew: true });
  }

  /** The others have been silent through no fault of theirs. */
  #excuseAll(): void {
    for (const peer of this.#peers.values()) peer.heardAt = now();
  }

  #received(subject: string, bytes: Buffer): void {
    if (bytes.length === 0 || this.#isSkipped(senderOf(bytes))) return;
    const envelope = this.#sealer.open(subject, bytes);
    if (!envelope) return this.#forged(subject);
    const { from, number, copyOf, frame } = envelope;
    if (number.sequence === 0) return this.#heartbeat(from, readHeartbeat(frame));
    const peer = this.#peers.get(from);
    if (!peer) return;
    this.#count(peer.numbers.take(this.#subjects.short(subject), number));
    if (peer.isFirst(copyOf)) this.#ears.received(from, frame);
  }

  #heartbeat(from: string, heartbeat: Heartbeat | undefined): void {
    if (heartbeat?.member.id !== from) return;
    const { member, isNew, leaves, numbers } = heartbeat;
    if (leaves) return this.#gone(from);
    const peer = this.#peers.get(from) ?? new Peer(member);
    peer.heardAt = now();
    if (!this.#peers.has(from)) {
      this.#metAt = now();
      this.#peers.set(from, peer);
      this.#ears.joined(member);
    } else if (peer.becomes(member)) this.#ears.joined(member);
    this.#count(peer.numbers.compare(numbers, (subject) => this.#inForceSince(subject, peer)));
    if (isNew) this.#beat({}, this.#subjects.of(from));
  }

  /** It takes a moment for a subscription to be known everywhere; and one who was not known was not heard. */
  #inForceSince(short: string, { metAt }: Peer): number | undefined {
    const since = this.#subscriptions.get(this.#subjects.long(short));
    return since === undefined ? undefined : Math.max(since + HEARTBEAT_MS, metAt);
  }

  #forged(subject: string): void {
    if (now() - this.#forgedAt < FORGED_MS) return;
    this.#forgedAt = now();
    publish('usta:bus:forged', { subject });
  }

  #count(missing: number): void {
    if (missing > 0) this.#ears.lost(missing, 'gap');
  }
}

const NOBODY: Member = { id: '', pid: 0, name: '', roles: [] };
const DEAF: Ears = { received() {}, joined() {}, left() {}, lost() {} };

function tooLarge(size: number, most: number): string {
  return `a message of ${size} bytes cannot go to other machines: their server takes ${most} (NATS: max_payload)`;
}
