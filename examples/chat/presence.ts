/**
 * Who is where. It is told as a whole, not as comings and goings: whatever was missed, by a page that was away or
 * because a machine was lost with those who would have told, the next list puts right.
 */
import { Gateway, Timer } from 'usta';
import { type Person, write } from './protocol.ts';
import { ROOMS } from './settings.ts';

/** Seconds. A thousand who come at once are one change. */
const PAUSE = 0.2;
const REPAIR = 10;
const MAX_NAMES = 100;

const rooms = new Set<string>();
let repair: number | undefined;
let pause: number | undefined;
let telling: Promise<void> = Promise.resolve();

export function begin(): void {
  repair = Timer.add(REPAIR, () => {
    for (const room of ROOMS) changed(room);
  });
}

/** Somebody came or left. */
export function changed(room: string | undefined): void {
  if (room === undefined) return;
  rooms.add(room);
  pause ??= Timer.add(PAUSE, tellNext, [], false);
}

/** Another process goes on from here, and does not know what this one was about to tell. */
export async function end(): Promise<void> {
  if (repair !== undefined) Timer.del(repair);
  if (pause !== undefined) Timer.del(pause);
  await tellNext();
}

/** One after the other: an older list must not overtake. */
function tellNext(): Promise<void> {
  pause = undefined;
  telling = telling.then(tell).catch((error: Error) => {
    console.error(`who is there could not be told, next time in ${REPAIR} s: ${error.message}`);
  });
  return telling;
}

async function tell(): Promise<void> {
  const now = [...rooms];
  rooms.clear();
  if (now.length === 0) return;
  for (const room of now) {
    const people = await peopleIn(room);
    const list = { people: people.slice(0, MAX_NAMES), count: people.length };
    Gateway.sendToGroup(room, write({ type: 'people', room, ...list }));
  }
  const counts = await Gateway.getAllGroupUidCount();
  const all = ROOMS.map((name) => ({ name, count: counts[name] ?? 0 }));
  Gateway.sendToAll(write({ type: 'rooms', rooms: all }));
}

/** Several tabs of one person are one. */
async function peopleIn(room: string): Promise<Person[]> {
  const sessions = Object.values(await Gateway.getClientSessionsByGroup(room));
  const people = new Map(sessions.flatMap(({ person }) => (person ? [[person.id, person] as const] : [])));
  return [...people.values()].sort((one, other) => one.name.localeCompare(other.name));
}
