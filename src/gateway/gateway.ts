import { setBus } from '../bus/join.ts';
import type { BusSettings } from '../bus/settings.ts';
import type { TcpConnection } from '../connection/tcp-connection.ts';
import { UsageError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import type { ProtocolName } from '../worker/address.ts';
import type { Accept, Checked, ProtocolOf } from '../worker/typed-address.ts';
import { currentClient } from './current-client.ts';
import type { DoorOptions } from './door/door-options.ts';
import { doorSetting } from './door/door-setting.ts';
import { needless } from './gateway-options.ts';
import { type GatewayOptions, GatewayWorker } from './gateway-worker.ts';
import { ownExchange, presentExchange, withExchange } from './own-exchange.ts';
import { postOver } from './post.ts';
import { Verbs } from './verbs.ts';

/** Holds clients; and, as `Gateway.sendToAll(…)` and the like, reaches all clients of the cluster from any process. */
export type Gateway<
  P extends ProtocolName = 'websocket',
  A extends Accept = 'both',
  Context = Record<string, unknown>,
> = GatewayWorker<P, A, Context>;

export interface GatewayConstructor extends Pick<Verbs, keyof Verbs> {
  /**
   * @param address `websocket://…`, `wss://…`, `tcp://…` or `ssl://…`.
   * @throws {UsageError} the address or an option cannot be used.
   */
  new <Address extends string, A extends Accept = 'both', Context = Record<string, unknown>>(
    address: Checked<Address>,
    options?: GatewayOptions<ProtocolOf<Address>, A, Context>,
  ): Gateway<ProtocolOf<Address>, A, Context>;

  /** Where processes meet: `local`, `nats://…`, `redis://…`. Say it before the first worker begins. */
  bus: BusSettings['bus'];
  /** Processes with the same name meet; by default those whose scripts are in the same directory. */
  cluster: string | undefined;
  /** Signs client ids, and messages between machines. */
  secretKey: string | undefined;
  /**
   * Lets programs that are not Node send to clients and ask for them, over HTTP; none by default. Say it before
   * `Worker.runAll()`.
   */
  door: DoorOptions | undefined;
  /** GatewayWorker's: not needed here. */
  registerAddress: string | readonly string[] | undefined;

  /** The id of a connection that this process holds as a client. @throws {UsageError} it is none. */
  idOf(connection: TcpConnection): string;
}

class PublicGateway extends GatewayWorker {
  static idOf(connection: TcpConnection): string {
    const client = presentExchange()?.clientOf(connection);
    if (client) return client.id;
    throw new UsageError(
      'E_CLIENT',
      'this connection is no client: a Gateway makes it one, or joinGroup, bindUid',
    );
  }
}

const verbs: Verbs = new Verbs(postOver(withExchange, ownExchange), () => currentClient().id);

for (const name of Object.getOwnPropertyNames(Verbs.prototype) as (keyof Verbs | 'constructor')[]) {
  if (name === 'constructor') continue;
  Object.defineProperty(PublicGateway, name, { enumerable: true, value: verbs[name].bind(verbs) });
}

const given: { -readonly [Name in keyof BusSettings]: BusSettings[Name] } = {};
for (const name of ['bus', 'cluster', 'secretKey'] as const) {
  Object.defineProperty(PublicGateway, name, {
    enumerable: true,
    get: () => given[name],
    set(value: never) {
      setBus({ [name]: value });
      given[name] = value;
    },
  });
}
Object.defineProperty(PublicGateway, 'registerAddress', {
  get: () => undefined,
  set: () => publish('usta:notice', { text: needless('registerAddress') }),
});

Object.defineProperty(PublicGateway, 'door', doorSetting);

export const Gateway: GatewayConstructor = PublicGateway as unknown as GatewayConstructor;
