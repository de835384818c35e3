import type { Verbs } from '../verbs.ts';
import { Refusal } from './refusal.ts';

type Of = 'client' | 'uid' | 'group';

/** What can be asked: the parameters of the query, one kind of them at a time, and the answer. */
export interface DoorQuestion {
  readonly of: readonly Of[];
  /** @param names several when the parameter is repeated; empty without one. */
  readonly answer: (verbs: Verbs, of: Of | undefined, names: readonly string[]) => Promise<object>;
}

export const QUESTIONS: Readonly<Record<string, DoorQuestion>> = {
  '/online': { of: ['uid', 'client'], answer: online },
  '/count': { of: ['uid', 'group'], answer: count },
  '/clients': { of: ['uid', 'group'], answer: async (...asked) => ({ clients: await clients(...asked) }) },
  '/uids': { of: ['group'], answer: uids },
};

/** @throws {Refusal} it asks for something else. */
export function readQuery(query: URLSearchParams, known: readonly Of[]): readonly [Of | undefined, string[]] {
  const kinds = [...new Set(query.keys())];
  const [kind] = kinds;
  const of = known.find((one) => one === kind);
  if (kinds.length > 1 || (kind !== undefined && !of))
    throw new Refusal(400, `ask for ${known.join(' or ')}, one kind at a time`);
  const names = of === undefined ? [] : query.getAll(of);
  if (names.includes('')) throw new Refusal(400, `${of} is empty`);
  return [of, [...new Set(names)]];
}

/** One is answered with true or false, several with an object. */
async function online(verbs: Verbs, of: Of | undefined, names: readonly string[]): Promise<object> {
  const [first = ''] = names;
  if (of === undefined) throw new Refusal(400, 'whose? ?uid=… or ?client=…');
  const all = of === 'uid' ? await verbs.isUidsOnline(names) : await clientsOnline(verbs, names);
  return { online: names.length === 1 ? (all[first] ?? false) : all };
}

async function clientsOnline(verbs: Verbs, ids: readonly string[]): Promise<Record<string, boolean>> {
  const all = await Promise.all(ids.map((id) => verbs.isOnline(id)));
  return Object.fromEntries(ids.map((id, index) => [id, all[index] ?? false]));
}

/** Clients; each once, whatever it is in. */
async function count(verbs: Verbs, of: Of | undefined, names: readonly string[]): Promise<object> {
  const [first = ''] = names;
  if (of === undefined) return { count: await verbs.getAllClientIdCount() };
  if (of === 'group' && names.length === 1) return { count: await verbs.getClientIdCountByGroup(first) };
  return { count: (await clients(verbs, of, names)).length };
}

async function clients(verbs: Verbs, of: Of | undefined, names: readonly string[]): Promise<string[]> {
  if (of === undefined) return verbs.getAllClientIdList();
  if (of === 'uid') return verbs.getClientIdByUid(names);
  return union(await Promise.all(names.map((group) => verbs.getClientIdListByGroup(group))));
}

async function uids(verbs: Verbs, of: Of | undefined, names: readonly string[]): Promise<object> {
  if (of === undefined) return { uids: await verbs.getAllUidList() };
  return { uids: union(await Promise.all(names.map((group) => verbs.getUidListByGroup(group)))) };
}

function union(all: readonly (readonly string[])[]): string[] {
  return [...new Set(all.flat())];
}
