import { UsageError } from '../errors.ts';
import type { Message } from './frames.ts';
import type { ClientRef, Name, Post } from './post.ts';
import type { NamedAnswer, Selection, SessionsAnswer } from './questions.ts';
import type { Session } from './session.ts';
import { groupTopic, uidTopic } from './topics.ts';

/** Close code and reason for WebSockets, or a last message. */
export type LastWord = Message | { readonly code: number; readonly reason?: string };

/**
 * What can be done with clients from any process of the cluster: GatewayWorker's methods. Orders return at once and
 * are carried out in order; what is not there any more is passed over. Questions take one round trip, and know of
 * every order that this process has given before.
 */
export class Verbs {
  readonly #post: Post;
  readonly #current: () => string;

  /** @param current the id of the client whose event is being handled; throws where there is none. */
  constructor(post: Post, current: () => string) {
    this.#post = post;
    this.#current = current;
  }

  /**
   * @param only ids of those who get it; an empty list is nobody.
   * @param except ids of those who do not.
   * @param raw true sends it without the protocol.
   */
  sendToAll(
    message: Message,
    only?: readonly string[] | null,
    except?: readonly string[] | null,
    raw: boolean = false,
  ): void {
    const how = sending(except, raw);
    if (only) {
      const excluded = new Set(except);
      const to = only.filter((id) => !excluded.has(id));
      return this.#post.toClients(
        to,
        (numbers) => ({ do: 'send', to: numbers, ...sending(null, raw) }),
        message,
      );
    }
    this.#post.toAll({ do: 'sendToAll', ...how }, message);
  }

  sendToClient(client: ClientRef, message: Message, raw: boolean = false): void {
    this.#post.toClient(client, (number) => ({ do: 'send', to: [number], ...sending(null, raw) }), message);
  }

  /** @throws {UsageError} no event of a client is being handled. */
  sendToCurrentClient(message: Message, raw: boolean = false): void {
    this.sendToClient(this.#current(), message, raw);
  }

  /** To all clients of a uid, or of several. */
  sendToUid(uid: Name | readonly Name[], message: Message, raw: boolean = false): void {
    const uids = names(uid, 'uid');
    this.#post.toTopics(uids.map(uidTopic), { do: 'sendToUids', uids, ...sending(null, raw) }, message);
  }

  /** To all members of a group, or of several: each client gets it once. */
  sendToGroup(
    group: Name | readonly Name[],
    message: Message,
    except?: readonly string[] | null,
    raw: boolean = false,
  ): void {
    const groups = names(group, 'group');
    const order = { do: 'sendToGroups', groups, ...sending(except, raw) } as const;
    this.#post.toTopics(groups.map(groupTopic), order, message);
  }

  /** A client has one uid, a uid any number of clients. */
  bindUid(client: ClientRef, uid: Name): void {
    const name = nameOf(uid, 'uid');
    this.#post.expect(client, uidTopic(name));
    this.#post.toClient(client, (to) => ({ do: 'bind', to, uid: name }));
  }

  unbindUid(client: ClientRef, _uid?: Name): void {
    this.#post.toClient(client, (to) => ({ do: 'unbind', to }));
  }

  joinGroup(client: ClientRef, group: Name): void {
    const name = nameOf(group, 'group');
    this.#post.expect(client, groupTopic(name));
    this.#post.toClient(client, (to) => ({ do: 'join', to, group: name }));
  }

  leaveGroup(client: ClientRef, group: Name): void {
    const name = nameOf(group, 'group');
    this.#post.toClient(client, (to) => ({ do: 'leave', to, group: name }));
  }

  /** All its members leave it. */
  ungroup(group: Name): void {
    const name = nameOf(group, 'group');
    this.#post.toTopics([groupTopic(name)], { do: 'ungroup', group: name });
  }

  /** @param last is sent first; or the close code and reason for a WebSocket. */
  closeClient(client: ClientRef, last?: LastWord): void {
    const { closing, message } = farewell(last);
    this.#post.toClient(client, (to) => ({ do: 'close', to, ...closing }), message);
  }

  closeCurrentClient(last?: LastWord): void {
    this.closeClient(this.#current(), last);
  }

  /** Closes all clients of a uid. */
  closeUid(uid: Name | readonly Name[], last?: LastWord): void {
    const uids = names(uid, 'uid');
    const { closing, message } = farewell(last);
    this.#post.toTopics(uids.map(uidTopic), { do: 'closeUids', uids, ...closing }, message);
  }

  /** Ends the connection at once; what is queued for it is lost. */
  destroyClient(client: ClientRef): void {
    this.#post.toClient(client, (to) => ({ do: 'destroy', to }));
  }

  /** As GatewayWorker spells it. */
  destoryClient(client: ClientRef): void {
    this.destroyClient(client);
  }

  destroyCurrentClient(): void {
    this.destroyClient(this.#current());
  }

  destoryCurrentClient(): void {
    this.destroyCurrentClient();
  }

  async isOnline(client: ClientRef): Promise<boolean> {
    return (await this.#post.askOf(client)) !== null;
  }

  async isUidOnline(uid: Name): Promise<boolean> {
    return (await this.#count({ uids: names(uid, 'uid') })) > 0;
  }

  /** @returns for each uid whether it has a client. */
  async isUidsOnline(uids: readonly Name[]): Promise<Record<string, boolean>> {
    const ids = await this.batchGetClientIdByUid(uids);
    return Object.fromEntries(Object.entries(ids).map(([uid, all]) => [uid, all.length > 0]));
  }

  getClientIdByUid(uid: Name | readonly Name[]): Promise<string[]> {
    return this.#ids({ uids: names(uid, 'uid') });
  }

  async batchGetClientIdByUid(uids: readonly Name[]): Promise<Record<string, string[]>> {
    const wanted = names(uids, 'uid');
    const all = merged((await this.#post.askAll({ ask: 'uids', give: 'ids' })) as NamedAnswer[]);
    return Object.fromEntries(wanted.map((uid) => [uid, all.get(uid) ?? []]));
  }

  /** @returns null when it has none, or is not there. */
  async getUidByClientId(client: ClientRef): Promise<string | null> {
    return (await this.#post.askOf(client))?.uid ?? null;
  }

  /** @returns the groups of a client; none when it is not there. */
  async getGroupsByClientId(client: ClientRef): Promise<readonly string[]> {
    return (await this.#post.askOf(client))?.groups ?? [];
  }

  getClientIdListByGroup(group: Name): Promise<string[]> {
    return this.#ids({ groups: names(group, 'group') });
  }

  getClientIdCountByGroup(group: Name): Promise<number> {
    return this.#count({ groups: names(group, 'group') });
  }

  getClientCountByGroup(group: Name): Promise<number> {
    return this.getClientIdCountByGroup(group);
  }

  async batchGetClientIdCountByGroup(groups: readonly Name[]): Promise<Record<string, number>> {
    const wanted = names(groups, 'group');
    const answers = (await this.#post.askAll({ ask: 'perGroup', groups: wanted })) as number[][];
    return Object.fromEntries(
      wanted.map((group, index) => [group, sum(answers.map((one) => one[index] ?? 0))]),
    );
  }

  getClientSessionsByGroup(group: Name): Promise<Record<string, Session>> {
    return this.#sessions({ groups: names(group, 'group') });
  }

  getUidListByGroup(group: Name): Promise<string[]> {
    return this.#uids({ groups: names(group, 'group') });
  }

  async getUidCountByGroup(group: Name): Promise<number> {
    return (await this.getUidListByGroup(group)).length;
  }

  getAllClientIdList(): Promise<string[]> {
    return this.#ids('all');
  }

  getAllClientIdCount(): Promise<number> {
    return this.#count('all');
  }

  getAllClientCount(): Promise<number> {
    return this.getAllClientIdCount();
  }

  /** By client id. @param group only those of it; '' for all. */
  getAllClientSessions(group: Name = ''): Promise<Record<string, Session>> {
    return this.#sessions(group === '' ? 'all' : { groups: names(group, 'group') });
  }

  getAllUidList(): Promise<string[]> {
    return this.#uids('all');
  }

  async getAllUidCount(): Promise<number> {
    return (await this.getAllUidList()).length;
  }

  async getAllGroupIdList(): Promise<string[]> {
    return [...merged((await this.#post.askAll({ ask: 'groups', give: 'names' })) as NamedAnswer[]).keys()];
  }

  async getAllGroupClientIdList(): Promise<Record<string, string[]>> {
    return Object.fromEntries(
      merged((await this.#post.askAll({ ask: 'groups', give: 'ids' })) as NamedAnswer[]),
    );
  }

  async getAllGroupClientIdCount(): Promise<Record<string, number>> {
    return counted(await this.getAllGroupClientIdList());
  }

  async getAllGroupUidList(): Promise<Record<string, string[]>> {
    return Object.fromEntries(
      merged((await this.#post.askAll({ ask: 'groups', give: 'uids' })) as NamedAnswer[]),
    );
  }

  async getAllGroupUidCount(): Promise<Record<string, number>> {
    return counted(await this.getAllGroupUidList());
  }

  /** @returns null when the client is not there. */
  async getSession(client: ClientRef): Promise<Session | null> {
    return (await this.#post.askOf(client))?.session ?? null;
  }

  /** Replaces it. @throws {TypeError} it is no JSON. */
  setSession(client: ClientRef, session: Session): void {
    this.#post.toClient(client, (to) => ({ do: 'setSession', to, session }));
  }

  /** Objects are merged within, everything else is replaced. @throws {TypeError} it is no JSON. */
  updateSession(client: ClientRef, session: Session): void {
    this.#post.toClient(client, (to) => ({ do: 'updateSession', to, session }));
  }

  async #ids(of: Selection): Promise<string[]> {
    return ((await this.#post.askAll({ ask: 'clients', of, give: 'ids' })) as string[][]).flat();
  }

  async #count(of: Selection): Promise<number> {
    return sum((await this.#post.askAll({ ask: 'clients', of, give: 'count' })) as number[]);
  }

  async #uids(of: Selection): Promise<string[]> {
    return [
      ...new Set(((await this.#post.askAll({ ask: 'clients', of, give: 'uids' })) as string[][]).flat()),
    ];
  }

  async #sessions(of: Selection): Promise<Record<string, Session>> {
    const answers = (await this.#post.askAll({ ask: 'clients', of, give: 'sessions' })) as SessionsAnswer[];
    return Object.fromEntries(answers.flat());
  }
}

function sending(
  except: readonly string[] | null | undefined,
  raw: boolean,
): { readonly except?: readonly string[]; readonly raw?: true } {
  return { ...(except && except.length > 0 ? { except } : {}), ...(raw ? { raw: true } : {}) };
}

function farewell(last: LastWord | undefined): {
  readonly closing: { readonly last?: true; readonly code?: number; readonly reason?: string };
  readonly message?: Message;
} {
  if (last === undefined) return { closing: {} };
  if (typeof last === 'string' || last instanceof Uint8Array)
    return { closing: { last: true }, message: last };
  return { closing: { code: last.code, reason: last.reason ?? '' } };
}

function names(given: Name | readonly Name[], what: string): string[] {
  const all = typeof given === 'object' ? given : [given];
  return [...new Set(all.map((one) => nameOf(one, what)))];
}

function nameOf(name: Name, what: string): string {
  if ((typeof name !== 'string' && typeof name !== 'number') || name === '')
    throw new UsageError(
      'E_NAME',
      `a ${what} is a number or a text that is not empty, not ${JSON.stringify(name)}`,
    );
  return String(name);
}

function merged(answers: readonly NamedAnswer[]): Map<string, string[]> {
  const all = new Map<string, Set<string>>();
  for (const [name, values] of answers.flat()) {
    const there = all.get(name) ?? new Set();
    for (const value of values) there.add(value);
    all.set(name, there);
  }
  return new Map([...all].map(([name, values]) => [name, [...values]]));
}

function counted(all: Readonly<Record<string, readonly string[]>>): Record<string, number> {
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.length]));
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}
