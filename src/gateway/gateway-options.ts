import type { BusSettings } from '../bus/settings.ts';
import { publish } from '../telemetry.ts';
import type { Message } from './frames.ts';
import type { Router } from './routers.ts';

/** What a gateway can be told besides what every worker can. */
export interface GatewayOnlyOptions extends BusSettings {
  /** Which business process handles a client's events. Default `sticky`. */
  readonly router?: Router;
  /** A client that was silent for so many `pingInterval`s counts as dead; any byte is a sign of life. */
  readonly pingNotResponseLimit?: number;
  /**
   * Sent to clients that were silent for a `pingInterval`, as a message. WebSockets get real pings and need none;
   * for other protocols there is no ping without it.
   */
  readonly pingData?: Message;
  /** GatewayWorker's: not needed here, processes find each other. */
  readonly registerAddress?: string | readonly string[];
  /** GatewayWorker's: not needed here. */
  readonly startPort?: number;
  /** GatewayWorker's: not needed here. */
  readonly lanIp?: string;
}

const NEEDLESS = ['registerAddress', 'startPort', 'lanIp'] as const;

/** Takes the settings of a gateway or business worker apart from those of every worker. */
export function takeApart<Options extends GatewayOnlyOptions>(
  options: Options,
): { readonly own: GatewayOnlyOptions; readonly bus: BusSettings; readonly rest: object } {
  const { bus, cluster, secretKey, router, pingNotResponseLimit, pingData, ...others } = options;
  const { registerAddress: _, startPort: __, lanIp: ___, ...rest } = others;
  for (const name of NEEDLESS)
    if (options[name] !== undefined) publish('usta:notice', { text: needless(name) });
  return {
    own: defined({ router, pingNotResponseLimit, pingData }),
    bus: defined({ bus, cluster, secretKey }),
    rest,
  };
}

/** Said once, however often it is given. */
export function needless(name: string): string {
  return `${name} is not needed: processes of one machine find each other, several machines meet at bus: 'nats://…'`;
}

function defined<T extends object>(all: { readonly [Name in keyof T]: T[Name] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<T>;
}
