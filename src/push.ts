import process from 'node:process';
import { joinCluster } from './bus/join.ts';
import { type BusSettings, planBus } from './bus/settings.ts';
import { enqueueOn, publishOn } from './channel/speech.ts';
import { Station } from './channel/station.ts';
import { UsageError } from './errors.ts';
import { Exchange } from './gateway/exchange.ts';
import { gatewaysOf, meetGateway } from './gateway/push/meet-gateway.ts';
import { type OutsideVerbs, outsideVerbs } from './gateway/push/outside-verbs.ts';
import { proveCluster } from './gateway/push/prove-cluster.ts';

export { PeerError, SystemError, UsageError, UstaError } from './errors.ts';
export type { BusSettings, OutsideVerbs };

/** The same as in the server. */
export interface PushSettings extends BusSettings {
  /** Seconds that `connect` waits for a process that holds clients; 0 goes on without one. Default 5. */
  readonly wait?: number;
}

/** A program that is no worker of the cluster and reaches its clients: `Gateway`'s verbs, and the channel's. */
export interface Push extends OutsideVerbs {
  /** Processes that hold clients now; while there are none, what is sent goes to nobody. */
  readonly gateways: number;
  /** As `Channel.publish`. */
  publish(events: string | readonly string[], data?: unknown): void;
  /** As `Channel.enqueue`: the job is kept in this process until it is done. */
  enqueue(queue: string, data?: unknown): boolean;
  /**
   * Leaves the cluster, so that the process can end. What was sent before arrives.
   *
   * @param seconds that jobs may take to be done. Default 5.
   * @returns how many jobs are not.
   */
  close(seconds?: number): Promise<number>;
}

const WAIT_SECONDS = 5;
const DRAIN_SECONDS = 5;

/**
 * Joins the cluster of a server. Resolves when somebody who holds clients is there.
 *
 * @throws {UsageError} a cluster must be named, or the settings do not go together.
 * @throws {SystemError} the bus cannot be reached, nobody is there, or the secretKey is another one.
 */
export async function connect({ wait = WAIT_SECONDS, ...settings }: PushSettings = {}): Promise<Push> {
  proveCluster(settings.cluster, process.argv[1]);
  const { cluster, remote } = planBus(settings);
  const membership = await joinCluster(settings);
  const { bus } = membership;
  const exchange = new Exchange(membership);
  const station = new Station();
  station.open(bus);
  try {
    if (wait > 0) await meetGateway(exchange, { cluster, isLocal: remote === undefined, seconds: wait });
  } catch (error) {
    await bus.close();
    throw error;
  }
  return pushOver(exchange, station);
}

function pushOver(exchange: Exchange, station: Station): Push {
  let closing: Promise<number> | undefined;
  const proveOpen = (): void => {
    if (closing) throw new UsageError('E_PUSH_CLOSED', 'this connection to the cluster is closed');
  };
  return {
    ...outsideVerbs(exchange, proveOpen),
    get gateways() {
      return gatewaysOf(exchange).length;
    },
    publish(events, data = null) {
      proveOpen();
      publishOn(station, events, data);
    },
    enqueue(queue, data = null) {
      proveOpen();
      return enqueueOn(station, queue, data);
    },
    close(seconds = DRAIN_SECONDS) {
      closing ??= station.drain(seconds).then((left) => exchange.bus.close().then(() => left));
      return closing;
    },
  };
}
