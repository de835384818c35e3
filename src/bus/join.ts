import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../errors.ts';
import { Bus } from './bus.ts';
import { LocalCarrier } from './local/local-carrier.ts';
import { MeetingPlace } from './local/meeting-place.ts';
import { newMemberId } from './member.ts';
import type { Medium } from './remote/medium.ts';
import { RemoteCarrier } from './remote/remote-carrier.ts';
import { type BusPlan, type BusSettings, planBus, type RemoteBus, secretOf } from './settings.ts';

/** A bus that was joined, and what only its members know. */
export interface Membership {
  readonly bus: Bus;
  /** 32 bytes, the same for all members. */
  readonly secret: Buffer;
}

/**
 * Joins a cluster. Resolves when those who are there are known, and know us.
 *
 * @throws {UsageError} the settings do not go together. @throws {SystemError} the others cannot be reached.
 */
export async function joinCluster(settings: BusSettings): Promise<Membership> {
  const plan = planBus(settings);
  const place = new MeetingPlace(plan.cluster);
  const secret = plan.secretKey === undefined ? place.secret : secretOf(plan.secretKey);
  const self = { id: newMemberId(place.machine), pid: process.pid, name: 'none', roles: [] };
  const local = new LocalCarrier(place);
  const bus = new Bus(self, { local, ...(await remoteOf(plan, secret)) });
  await bus.open();
  return { bus, secret };
}

async function remoteOf(
  { cluster, remote }: BusPlan,
  secret: Buffer,
): Promise<{ readonly remote?: RemoteCarrier }> {
  if (remote === undefined) return {};
  const medium = await mediumOf(remote);
  return { remote: new RemoteCarrier(medium, { cluster, secret, skipOwnMachine: true }) };
}

/** Their libraries are loaded by those who use them. */
async function mediumOf(remote: RemoteBus): Promise<Medium> {
  const [url = ''] = [remote.url].flat();
  if (/^rediss?:/.test(url)) return new (await import('./redis.ts')).RedisMedium(remote);
  return new (await import('./nats.ts')).NatsMedium(remote);
}

let wanted: BusSettings = {};
let joined: Promise<Membership> | undefined;

/**
 * What this script says of its bus. Every part can be said once, or again in the same way.
 *
 * @throws {UsageError} it was said otherwise before, or this process has joined already.
 */
export function setBus(settings: BusSettings): void {
  for (const [name, value] of Object.entries(settings) as [keyof BusSettings, never][]) {
    if (value === undefined) continue;
    if (isDeepStrictEqual(value, wanted[name])) continue;
    if (wanted[name] !== undefined)
      throw new UsageError('E_BUS', `${name} was set otherwise before: a process has one bus`);
    if (joined) throw new UsageError('E_BUS', `${name} is set too late: this process is on a bus already`);
    wanted = { ...wanted, [name]: value };
  }
}

/** The bus of this process, joined when it is first asked for. @throws as `joinCluster`. */
export function ownBus(): Promise<Membership> {
  if (joined) return joined;
  const joining = joinCluster(wanted);
  joined = joining;
  joining.catch(() => {
    // Whoever asks again may have more luck.
    if (joined === joining) joined = undefined;
  });
  return joining;
}

const farewells: (() => Promise<unknown>)[] = [];

/** Is waited for before this process leaves its bus. */
export function beforeLeaving(act: () => Promise<unknown>): void {
  farewells.push(act);
}

/** Leaves the bus, if this process is on one. */
export async function leaveBus(): Promise<void> {
  const before = joined;
  if (before) await Promise.all(farewells.map((act) => act()));
  joined = undefined;
  await (await before?.catch(() => undefined))?.bus.close();
}
