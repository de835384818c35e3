import { createHash } from 'node:crypto';
import type { Member } from '../bus/member.ts';
import type { Client } from './client.ts';

/** A process that handles events, as a gateway sees it. */
export interface Handling {
  readonly member: Member;
  /** Clients of this gateway whose events it handles. */
  readonly clients: number;
  /** Their events that it has and has not handled yet. */
  readonly busy: number;
}

/**
 * Who handles a client's events:
 *
 * - `sticky` (the default): who got its first event, given to the process with the fewest clients.
 * - `least-busy`: whoever has the fewest events to handle, chosen anew whenever the client has none under way.
 * - `uid`: the same process for all clients of a uid; those without one as `sticky`.
 * - your own function, asked whenever the client has no event under way.
 */
export type Router = 'sticky' | 'least-busy' | 'uid' | OwnRouter;

/** @param present who handles its events so far, if it is still there. @returns one of `choices`. */
export type OwnRouter = (
  client: Client,
  choices: readonly Handling[],
  present: Handling | undefined,
) => Handling | undefined;

const ROUTERS: Readonly<Record<'sticky' | 'least-busy' | 'uid', OwnRouter>> = {
  sticky: (_, choices, present) => present ?? least(choices, ({ clients }) => clients),
  'least-busy': (_, choices, present) => {
    const fewest = least(choices, ({ busy }) => busy);
    return present && present.busy <= (fewest?.busy ?? 0) ? present : fewest;
  },
  uid: ({ uid }, choices, present) => {
    if (uid === undefined) return present ?? least(choices, ({ clients }) => clients);
    return least(choices, ({ member }) => distance(uid, member.id));
  },
};

export function routerOf(router: Router): OwnRouter {
  return typeof router === 'function' ? router : ROUTERS[router];
}

function least(choices: readonly Handling[], of: (one: Handling) => number): Handling | undefined {
  let best: Handling | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const one of choices) {
    const many = of(one);
    if (many < fewest) [best, fewest] = [one, many];
  }
  return best;
}

/** Each uid has an order of its own among all processes, the same in every gateway. */
function distance(uid: string, id: string): number {
  return createHash('sha1').update(uid).update(id).digest().readUInt32BE();
}
