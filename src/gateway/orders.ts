import type { TcpConnection } from '../connection/tcp-connection.ts';
import { encodeOnce } from '../worker/broadcast.ts';
import type { Client } from './client.ts';
import { messageOf } from './frames.ts';
import type { Registry } from './registry.ts';
import { applyChange, merge, type Session, type SessionChange } from './session.ts';

/** How a message is to be sent. */
interface Sending {
  /** The body is bytes. */
  readonly bytes?: true;
  /** Without the protocol. */
  readonly raw?: true;
  /** Ids of clients that do not get it. */
  readonly except?: readonly string[];
}

/** What a process that holds clients is told to do; a message to send is the body. `to`: numbers of clients. */
export type Order =
  | ({ readonly do: 'send'; readonly to: readonly number[] } & Sending)
  | ({ readonly do: 'sendToUids'; readonly uids: readonly string[] } & Sending)
  | ({ readonly do: 'sendToGroups'; readonly groups: readonly string[] } & Sending)
  | ({ readonly do: 'sendToAll' } & Sending)
  | { readonly do: 'bind'; readonly to: number; readonly uid: string }
  | { readonly do: 'unbind'; readonly to: number }
  | { readonly do: 'join'; readonly to: number; readonly group: string }
  | { readonly do: 'leave'; readonly to: number; readonly group: string }
  | { readonly do: 'ungroup'; readonly group: string }
  | ({ readonly do: 'close'; readonly to: number; readonly last?: true } & Closing & Sending)
  | ({ readonly do: 'closeUids'; readonly uids: readonly string[]; readonly last?: true } & Closing & Sending)
  | { readonly do: 'destroy'; readonly to: number }
  | { readonly do: 'setSession'; readonly to: number; readonly session: Session }
  | { readonly do: 'updateSession'; readonly to: number; readonly session: Session }
  | ({ readonly do: 'changeSession'; readonly to: number } & SessionChange);

export interface Closing {
  /** WebSocket close code; 1000 without one. */
  readonly code?: number;
  readonly reason?: string;
}

/** Carries out an order on the clients of this process. Clients that are gone are passed over. */
export function obey(order: Order, body: Buffer, registry: Registry): void {
  switch (order.do) {
    case 'send':
      return send(present(registry, order.to), order, body);
    case 'sendToUids':
      return send(registry.ofUids(order.uids), order, body);
    case 'sendToGroups':
      return send(registry.ofGroups(order.groups), order, body);
    case 'sendToAll':
      return send(registry.clients.values(), order, body);
    case 'ungroup':
      return registry.ungroup(order.group);
    case 'closeUids':
      for (const client of [...registry.ofUids(order.uids)]) close(client, order, body);
      return;
    default: {
      const client = registry.clients.get(order.to);
      if (client) concern(client, order, { body, registry });
    }
  }
}

type OrderForOne = Exclude<
  Order,
  { do: 'send' | 'sendToUids' | 'sendToGroups' | 'sendToAll' | 'ungroup' | 'closeUids' }
>;

function concern(
  client: Client,
  order: OrderForOne,
  { body, registry }: { readonly body: Buffer; readonly registry: Registry },
): void {
  switch (order.do) {
    case 'bind':
      return registry.bind(client, order.uid);
    case 'unbind':
      return registry.unbind(client);
    case 'join':
      return registry.join(client, order.group);
    case 'leave':
      return registry.leave(client, order.group);
    case 'close':
      return close(client, order, body);
    case 'destroy':
      return client.connection.destroy();
    case 'setSession':
      client.session = order.session;
      return;
    case 'updateSession':
      client.session = merge(client.session, order.session);
      return;
    case 'changeSession':
      client.sessionChanges++;
      client.session = applyChange(client.session, order);
  }
}

function send(clients: Iterable<Client>, sending: Sending, body: Buffer): void {
  const message = messageOf(body, sending);
  const { raw = false, except } = sending;
  const to = connections(clients, except === undefined ? undefined : new Set(except));
  if (raw) for (const connection of to) connection.send(message, true);
  else encodeOnce(message, to);
}

function* connections(
  clients: Iterable<Client>,
  except: ReadonlySet<string> | undefined,
): Generator<TcpConnection> {
  for (const { connection, id } of clients) if (!except?.has(id)) yield connection;
}

function* present(registry: Registry, numbers: readonly number[]): Generator<Client> {
  for (const number of numbers) {
    const client = registry.clients.get(number);
    if (client) yield client;
  }
}

function close({ connection }: Client, order: Closing & Sending & { last?: true }, body: Buffer): void {
  if (order.last) connection.send(messageOf(body, order), order.raw ?? false);
  connection.close(order.code ?? 1000, order.reason ?? '');
}
