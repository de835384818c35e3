import { AsyncLocalStorage } from 'node:async_hooks';
import { UsageError } from '../errors.ts';
import type { Session } from './session.ts';

/** The client whose event is being handled. */
export interface CurrentClient {
  readonly id: string;
  /** Its session: what a handler changes in it is kept when the handler is done. */
  readonly session: Session;
  readonly uid: string | undefined;
  readonly remoteIp: string;
  readonly remotePort: number;
  /** Name of the gateway that it is connected to. */
  readonly gateway: string;
  /** Port of the gateway that it is connected to. */
  readonly gatewayPort: number;
}

const storage = new AsyncLocalStorage<CurrentClient>();

export function asCurrent<Result>(client: CurrentClient, act: () => Result): Result {
  return storage.run(client, act);
}

/** @throws {UsageError} no event of a client is being handled here. */
export function currentClient(): CurrentClient {
  const client = storage.getStore();
  if (client) return client;
  throw new UsageError(
    'E_NO_CLIENT',
    'there is no current client here: only while an event of one is handled',
  );
}

/**
 * The client whose event is being handled, wherever you are within the handler, after every `await` too.
 * Its properties throw a `UsageError` anywhere else.
 */
export const client: CurrentClient = {
  get id() {
    return currentClient().id;
  },
  get session() {
    return currentClient().session;
  },
  get uid() {
    return currentClient().uid;
  },
  get remoteIp() {
    return currentClient().remoteIp;
  },
  get remotePort() {
    return currentClient().remotePort;
  },
  get gateway() {
    return currentClient().gateway;
  },
  get gatewayPort() {
    return currentClient().gatewayPort;
  },
};
