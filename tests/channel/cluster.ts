import { Bus } from '../../src/bus/bus.ts';
import type { Carrier, Ears, Fate } from '../../src/bus/carrier.ts';
import type { Member } from '../../src/bus/member.ts';
import { Station } from '../../src/channel/station.ts';

/** Some stations in one process, on a bus of memory: what one says comes to the others a moment later, in order. */
export class Cluster {
  readonly carriers: Map<string, MemoryCarrier> = new Map();
  /** True loses the frame. */
  loses: (from: string, to: string, frame: Buffer) => boolean = () => false;
  #last = 0;

  async join(): Promise<Seat> {
    const id = `machine0${String(++this.#last).padStart(8, '0')}`;
    const carrier = new MemoryCarrier(this);
    const bus = new Bus({ id, pid: 0, name: 'none', roles: [] }, { local: carrier });
    await bus.open();
    const station = new Station();
    station.open(bus);
    return { id, bus, station, die: () => carrier.close() };
  }
}

export interface Seat {
  readonly id: string;
  readonly bus: Bus;
  readonly station: Station;
  /** As a process that is killed: says nothing, hears nothing, and the others know. */
  die(): Promise<void>;
}

/** Lets everything that is under way arrive. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

class MemoryCarrier implements Carrier {
  readonly #cluster: Cluster;
  readonly topics: Set<string> = new Set();
  #self: Member | undefined;
  #ears: Ears | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async open(self: Member, ears: Ears): Promise<void> {
    this.#self = self;
    this.#ears = ears;
    for (const other of this.#others()) if (other.#self) ears.joined(other.#self);
    this.#cluster.carriers.set(self.id, this);
    this.announce(self);
  }

  announce(self: Member): void {
    this.#self = self;
    for (const other of this.#others()) queueMicrotask(() => other.#ears?.joined(self));
  }

  unicast(to: string, frame: Buffer): Fate {
    const other = this.#cluster.carriers.get(to);
    const from = this.#self?.id ?? '';
    if (!other || !this.#ears) return 'nobody';
    if (this.#cluster.loses(from, to, frame)) return 'lost';
    const copy = Buffer.from(frame);
    queueMicrotask(() => other.#ears?.received(from, copy));
    return 'sent';
  }

  multicast(topics: readonly string[], frame: Buffer): void {
    for (const [id, other] of this.#cluster.carriers)
      if (other !== this && topics.some((topic) => other.topics.has(topic))) this.unicast(id, frame);
  }

  broadcast(frame: Buffer): void {
    for (const id of this.#cluster.carriers.keys()) if (id !== this.#self?.id) this.unicast(id, frame);
  }

  subscribe(topic: string): void {
    this.topics.add(topic);
  }

  unsubscribe(topic: string): void {
    this.topics.delete(topic);
  }

  async close(): Promise<void> {
    const id = this.#self?.id ?? '';
    this.#ears = undefined;
    this.#cluster.carriers.delete(id);
    for (const other of this.#others()) queueMicrotask(() => other.#ears?.left(id));
  }

  #others(): MemoryCarrier[] {
    return [...this.#cluster.carriers.values()].filter((one) => one !== this);
  }
}
