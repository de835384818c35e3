import type { Scenario } from '../run/scenarios.ts';

/** One way in which messages come for the group. */
export interface GroupLoad {
  readonly name: string;
  readonly title: string;
  readonly load: Scenario['load'];
}

/** As many as Socket.IO can deliver to 1,000 clients with some room to spare. */
const PER_SECOND = 60;
const AT_ONCE = 5;

const GROUP = { connections: 1000, size: 64, path: '/b' } as const;

export const LOADS: readonly GroupLoad[] = [
  { name: 'alone', title: 'one at a time', load: { ...GROUP, mode: 'group' } },
  {
    name: 'even',
    title: `${PER_SECOND}/s, evenly`,
    load: { ...GROUP, mode: 'group-rate', rate: PER_SECOND },
  },
  {
    name: 'bursts',
    title: `${PER_SECOND}/s, ${AT_ONCE} at once`,
    load: { ...GROUP, mode: 'group-rate', rate: PER_SECOND, burst: AT_ONCE },
  },
];
