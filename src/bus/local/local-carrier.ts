import process from 'node:process';
import { SystemError } from '../../errors.ts';
import { publish } from '../../telemetry.ts';
import { after, every } from '../../timer.ts';
import type { Listener, Wire, WireCause } from '../../transport/engine.ts';
import { nodeEngine } from '../../transport/node-engine.ts';
import { atMost } from '../at-most.ts';
import type { Carrier, Ears, Fate } from '../carrier.ts';
import { readJson } from '../json.ts';
import { isMember, type Member } from '../member.ts';
import { Link, type LinkEvents } from './link.ts';
import { LinkFrame, readAddressed } from './link-frames.ts';
import type { MeetingPlace } from './meeting-place.ts';
import { Peer } from './peer.ts';

/** A newcomer waits so long for those who are there: one that is stopped or busy must not hold it up. */
const INTRODUCTION_MS = 1000;
/** A process that leaves waits so long for its last words to be on their way. */
const FAREWELL_MS = 1000;
/** Between two looks at the meeting place: somebody may have tidied it away. */
const LOOK_MS = 1000;
const AGAIN_MS = 100;
/** Dials of one that does not say whether it is there. */
const MAX_FAILURES = 20;

/**
 * The processes of this machine, each connected to each other directly: one link to speak on, one to listen to.
 * The end of a process is the end of its links, so that it is known at once.
 */
export class LocalCarrier implements Carrier {
  readonly #place: MeetingPlace;
  readonly #peers = new Map<string, Peer>();
  readonly #links = new Set<Link>();
  readonly #own = { member: NOBODY, topics: new Set<string>() };
  #ears: Ears = DEAF;
  #listener: Listener | undefined;
  #isClosed = false;
  /** The meeting place cannot be used any more; that is told once. */
  #isLost = false;
  #stopLooking: () => void = () => {};

  constructor(place: MeetingPlace) {
    this.#place = place;
  }

  async open(self: Member, ears: Ears): Promise<void> {
    this.#own.member = self;
    this.#ears = ears;
    await this.#appear();
    this.#lookAround();
    const met = Promise.all([...this.#peers.values()].map((peer) => peer.met));
    await atMost(INTRODUCTION_MS, met);
    if (!this.#isClosed) this.#stopLooking = every(LOOK_MS, () => void this.#look());
  }

  announce(self: Member): void {
    this.#own.member = self;
    for (const peer of this.#peers.values()) peer.greet();
  }

  unicast(to: string, frame: Buffer): Fate {
    const peer = this.#peers.get(to);
    if (!peer?.hasMet) return 'nobody';
    return this.#account(peer.send(frame)) ? 'sent' : 'lost';
  }

  multicast(topics: readonly string[], frame: Buffer, also: ReadonlySet<string>): void {
    for (const [id, peer] of this.#peers) {
      if (peer.hasMet) this.#account(also.has(id) ? peer.send(frame) : peer.sendAbout(topics, frame));
    }
  }

  broadcast(frame: Buffer): void {
    for (const peer of this.#peers.values()) if (peer.hasMet) this.#account(peer.send(frame));
  }

  subscribe(topic: string): void {
    this.#own.topics.add(topic);
    for (const peer of this.#peers.values()) peer.tellChange(LinkFrame.subscribed, topic);
  }

  unsubscribe(topic: string): void {
    this.#own.topics.delete(topic);
    for (const peer of this.#peers.values()) peer.tellChange(LinkFrame.unsubscribed, topic);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopLooking();
    this.#ears = DEAF;
    this.#place.remove(this.#own.member.id);
    await this.#listener?.close();
    const open = [...this.#links].filter((link) => link.isOpen);
    for (const link of open) link.end();
    await atMost(FAREWELL_MS, Promise.all(open.map((link) => link.over)));
    this.#peers.clear();
    for (const link of [...this.#links]) link.destroy();
  }

  /** Before it can be seen it is listening: whoever finds a socket that refuses knows that nobody is there. */
  async #appear(): Promise<void> {
    const { id } = this.#own.member;
    await this.#listener?.close();
    const before = process.umask(0o177);
    let listening: Promise<Listener>;
    try {
      const place = { kind: 'unix', path: this.#place.hiddenPathOf(id) } as const;
      const arrived = (wire: Wire): void => this.#welcome(wire);
      listening = nodeEngine.listen(place, { backlog: 512 }, { ...SILENT, accepted: arrived });
    } finally {
      process.umask(before);
    }
    this.#listener = await listening;
    if (this.#isClosed) return this.#listener.close();
    this.#place.reveal(id);
  }

  async #look(): Promise<void> {
    try {
      if (!this.#place.has(this.#own.member.id)) {
        this.#place.restore();
        await this.#appear();
      }
      if (!this.#isClosed) this.#lookAround();
      this.#isLost = false;
    } catch (error) {
      if (this.#isClosed || this.#isLost) return;
      this.#isLost = true;
      publish('usta:notice', { text: `new processes cannot find this one: ${(error as Error).message}` });
    }
  }

  #lookAround(): void {
    for (const id of this.#place.ids()) if (id !== this.#own.member.id) this.#peer(id);
  }

  /** Somebody will speak to us: who it is, it says first. */
  #welcome(wire: Wire): void {
    let peer: Peer | undefined;
    const link = this.#link({
      heard: (_, kind, payload) => {
        if (kind === LinkFrame.hello) peer = this.#introduced(link, payload, peer);
        else if (peer?.in === link) this.#heard(peer, kind, payload);
      },
      closed: () => {
        if (peer?.in === link) this.#gone(peer);
      },
    });
    link.accepted(wire);
  }

  /** @throws {SystemError} it does not say who it is. */
  #introduced(link: Link, payload: Buffer, before: Peer | undefined): Peer {
    const member = readJson(payload);
    if (!isMember(member) || member.id === this.#own.member.id || (before && before.id !== member.id))
      throw new SystemError('E_BUS_FRAME', 'a link of the bus on which nobody says who it is');
    const peer = this.#peer(member.id);
    peer.in = link;
    peer.member = member;
    this.#settle(peer);
    return peer;
  }

  /** The one with this id; it is dialled when it was not known. */
  #peer(id: string): Peer {
    const known = this.#peers.get(id);
    if (known) return known;
    const peer = new Peer(id, this.#own);
    this.#peers.set(id, peer);
    this.#dial(peer);
    return peer;
  }

  #dial(peer: Peer): void {
    peer.out = this.#link({
      opened: () => {
        peer.failures = 0;
        peer.greet();
        this.#settle(peer);
      },
      drained: () => peer.catchUp(),
      closed: (link, cause) => {
        if (link === peer.out && this.#peers.get(peer.id) === peer) this.#unreachable(peer, cause);
      },
    });
    nodeEngine.connect({ kind: 'unix', path: this.#place.pathOf(peer.id) }, {}, peer.out);
  }

  /**
   * Nobody listens on a socket that a dead process has left. Anything else, such as a full backlog, says nothing:
   * and one that speaks to us lives, until its own link ends.
   */
  #unreachable(peer: Peer, { how, error }: WireCause): void {
    peer.out = undefined;
    if (how !== 'failed') return peer.in?.isOpen ? undefined : this.#gone(peer);
    const { code = '' } = (error ?? {}) as NodeJS.ErrnoException;
    const isLeft = code === 'ECONNREFUSED';
    if (isLeft) this.#place.remove(peer.id);
    const isDead = isLeft || code === 'ENOENT' || ++peer.failures > MAX_FAILURES;
    if (isDead && !peer.in?.isOpen) return this.#gone(peer);
    after(AGAIN_MS, () => {
      if (this.#peers.get(peer.id) === peer && !peer.out) this.#dial(peer);
    });
  }

  /** Both can speak to each other. */
  #settle(peer: Peer): void {
    if (!peer.out?.isOpen || !peer.member) return;
    peer.hasMet = true;
    peer.meet();
    this.#ears.joined(peer.member);
  }

  #gone(peer: Peer): void {
    if (this.#peers.get(peer.id) !== peer) return;
    this.#peers.delete(peer.id);
    peer.out?.destroy();
    peer.meet();
    if (peer.hasMet) this.#ears.left(peer.id);
  }

  #heard(peer: Peer, kind: number, payload: Buffer): void {
    if (kind === LinkFrame.message) return this.#ears.received(peer.id, payload);
    if (kind !== LinkFrame.addressed) return peer.hear(kind, payload);
    const { topics, frame } = readAddressed(payload);
    if (topics.some((topic) => this.#own.topics.has(topic))) this.#ears.received(peer.id, frame);
  }

  #link(events: Partial<LinkEvents>): Link {
    const link = new Link({
      ...QUIET,
      ...events,
      closed: (one, cause) => {
        this.#links.delete(one);
        events.closed?.(one, cause);
      },
    });
    this.#links.add(link);
    return link;
  }

  #account(isSent: boolean): boolean {
    if (!isSent) this.#ears.lost(1, 'slow');
    return isSent;
  }
}

const NOBODY: Member = { id: '', pid: 0, name: '', roles: [] };
const DEAF: Ears = { received() {}, joined() {}, left() {}, lost() {} };
const SILENT = { opened() {}, received() {}, ended() {}, buffered() {}, closed() {} };
const QUIET = { opened() {}, heard() {}, drained() {}, closed() {} };
