import type { Client } from './client.ts';
import type { Registry } from './registry.ts';
import type { Session } from './session.ts';

/** What a process that holds clients can be asked. */
export type Question =
  | { readonly ask: 'client'; readonly number: number }
  | { readonly ask: 'clients'; readonly of: Selection; readonly give: 'ids' | 'count' | 'uids' | 'sessions' }
  | { readonly ask: 'groups' | 'uids'; readonly give: 'names' | 'ids' | 'uids' }
  | { readonly ask: 'perGroup'; readonly groups: readonly string[] };

/** All clients, or those of these uids or groups. */
export type Selection = 'all' | { readonly uids: readonly string[] } | { readonly groups: readonly string[] };

/** Of a client that is there. */
export interface ClientAnswer {
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly session: Session;
}

export type SessionsAnswer = readonly (readonly [id: string, session: Session])[];
export type NamedAnswer = readonly (readonly [name: string, values: readonly string[]])[];

/** @returns plain data: `null` for a client that is not there. */
export function answerTo(question: Question, registry: Registry): unknown {
  switch (question.ask) {
    case 'client': {
      const client = registry.clients.get(question.number);
      return client ? portrait(client) : null;
    }
    case 'clients':
      return summary(selected(question.of, registry), question.give);
    case 'groups':
      return named(registry.groups, question.give);
    case 'uids':
      return named(registry.uids, question.give);
    case 'perGroup':
      return question.groups.map((group) => registry.groups.get(group)?.size ?? 0);
  }
}

function portrait({ uid, groups, session }: Client): ClientAnswer {
  return { ...(uid === undefined ? {} : { uid }), groups: [...groups], session };
}

function selected(of: Selection, registry: Registry): readonly Client[] {
  if (of === 'all') return [...registry.clients.values()];
  return [...('uids' in of ? registry.ofUids(of.uids) : registry.ofGroups(of.groups))];
}

function summary(clients: readonly Client[], give: 'ids' | 'count' | 'uids' | 'sessions'): unknown {
  switch (give) {
    case 'ids':
      return clients.map(({ id }) => id);
    case 'count':
      return clients.length;
    case 'uids':
      return uidsOf(clients);
    case 'sessions':
      return clients.map(({ id, session }) => [id, session]);
  }
}

function named(all: ReadonlyMap<string, ReadonlySet<Client>>, give: 'names' | 'ids' | 'uids'): NamedAnswer {
  return [...all].map(([name, clients]) => {
    if (give === 'names') return [name, []];
    return [name, give === 'ids' ? [...clients].map(({ id }) => id) : uidsOf(clients)];
  });
}

function uidsOf(clients: Iterable<Client>): string[] {
  const uids = new Set<string>();
  for (const { uid } of clients) if (uid !== undefined) uids.add(uid);
  return [...uids];
}
