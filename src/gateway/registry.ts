import type { Client } from './client.ts';
import { groupTopic, uidTopic } from './topics.ts';

/** Told when the first of a kind comes and the last one goes. */
export interface TopicEvents {
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
}

/** The clients of this process, by number, uid and group. */
export class Registry {
  readonly clients: Map<number, Client> = new Map();
  readonly #uids: Index;
  readonly #groups: Index;

  constructor(topics: TopicEvents) {
    this.#uids = new Index(uidTopic, topics);
    this.#groups = new Index(groupTopic, topics);
  }

  get uids(): ReadonlyMap<string, ReadonlySet<Client>> {
    return this.#uids.all;
  }

  get groups(): ReadonlyMap<string, ReadonlySet<Client>> {
    return this.#groups.all;
  }

  add(client: Client): void {
    this.clients.set(client.number, client);
  }

  remove(client: Client): void {
    if (!this.clients.delete(client.number)) return;
    this.unbind(client);
    for (const group of client.groups) this.#groups.remove(group, client);
    client.groups.clear();
  }

  /** A client has one uid at most. */
  bind(client: Client, uid: string): void {
    if (client.uid === uid) return;
    this.unbind(client);
    client.uid = uid;
    this.#uids.add(uid, client);
  }

  unbind(client: Client): void {
    if (client.uid === undefined) return;
    this.#uids.remove(client.uid, client);
    client.uid = undefined;
  }

  join(client: Client, group: string): void {
    if (client.groups.has(group)) return;
    client.groups.add(group);
    this.#groups.add(group, client);
  }

  leave(client: Client, group: string): void {
    if (client.groups.delete(group)) this.#groups.remove(group, client);
  }

  ungroup(group: string): void {
    for (const client of [...(this.groups.get(group) ?? [])]) this.leave(client, group);
  }

  ofUids(uids: readonly string[]): Iterable<Client> {
    return union(this.uids, uids);
  }

  /** Each client once, however many of the groups it is in. */
  ofGroups(groups: readonly string[]): Iterable<Client> {
    return union(this.groups, groups);
  }
}

class Index {
  readonly all: Map<string, Set<Client>> = new Map();
  readonly #topicOf: (key: string) => string;
  readonly #topics: TopicEvents;

  constructor(topicOf: (key: string) => string, topics: TopicEvents) {
    this.#topicOf = topicOf;
    this.#topics = topics;
  }

  add(key: string, client: Client): void {
    const there = this.all.get(key);
    if (there) return void there.add(client);
    this.all.set(key, new Set([client]));
    this.#topics.subscribe(this.#topicOf(key));
  }

  remove(key: string, client: Client): void {
    const there = this.all.get(key);
    if (!there?.delete(client) || there.size > 0) return;
    this.all.delete(key);
    this.#topics.unsubscribe(this.#topicOf(key));
  }
}

function union(all: ReadonlyMap<string, ReadonlySet<Client>>, keys: readonly string[]): Iterable<Client> {
  const [key = '', ...others] = keys;
  if (others.length === 0) return all.get(key) ?? [];
  return new Set(keys.flatMap((one) => [...(all.get(one) ?? [])]));
}
