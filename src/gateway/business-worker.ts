import { setBus } from '../bus/join.ts';
import { UsageError } from '../errors.ts';
import { after } from '../timer.ts';
import type { Departure } from '../worker/departure.ts';
import type { WorkerOptions } from '../worker/options.ts';
import { BusWorker } from './bus-worker.ts';
import { Business } from './business.ts';
import { HANDLER } from './dispatch.ts';
import type { EventHandler } from './event-handler.ts';
import type { Exchange } from './exchange.ts';
import { type GatewayOnlyOptions, takeApart } from './gateway-options.ts';

/** What a business worker can be told: it listens to nobody, so nothing about connections. */
export interface BusinessOptions
  extends Pick<
      WorkerOptions,
      'name' | 'count' | 'maxMemory' | 'reloadable' | 'drainTimeout' | 'user' | 'group'
    >,
    Omit<GatewayOnlyOptions, 'router' | 'pingNotResponseLimit' | 'pingData'> {
  /** Its handlers: an object, a class with static methods, or a module. */
  readonly eventHandler?: EventHandler;
}

const DRAIN_SECONDS = 30;

/** Runs the application: handles the events of clients that gateways hold. A reload replaces it, and no client notices. */
export class BusinessWorker extends BusWorker<'tcp'> {
  eventHandler: EventHandler | undefined;
  #business: Business | undefined;

  /** @throws {UsageError} an option cannot be used. */
  constructor({ eventHandler, ...options }: BusinessOptions = {}) {
    const { bus, rest } = takeApart(options);
    super(undefined, rest);
    setBus(bus);
    this.eventHandler = eventHandler;
  }

  /** Handles events in this process, without a master. */
  override async listen(): Promise<void> {
    await this.onWorkerStart?.(this);
    await this.begin();
  }

  protected override async start(exchange: Exchange): Promise<void> {
    const { eventHandler } = this;
    if (typeof eventHandler?.onMessage !== 'function') {
      const message = `business worker ${this.name} needs an eventHandler with onMessage(clientId, message)`;
      throw new UsageError('E_EVENT_HANDLER', message);
    }
    await eventHandler.onWorkerStart?.(this);
    this.#business = new Business(exchange, eventHandler);
    exchange.bus.take(HANDLER, this.name);
  }

  /** Takes no more, and ends what it has. */
  protected override async finish({ within: limit = Number.POSITIVE_INFINITY }: Departure): Promise<void> {
    const { drainTimeout = DRAIN_SECONDS } = this.options;
    if (this.#business) await within(Math.min(drainTimeout, limit), this.#business.leave());
    await this.eventHandler?.onWorkerStop?.(this);
  }
}

/** Resolves when it does, or when the time is up. */
function within(seconds: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const callOff = after(seconds * 1000, resolve, true);
    promise.then(resolve, resolve).finally(callOff);
  });
}
