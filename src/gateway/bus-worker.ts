import type { ProtocolName } from '../worker/address.ts';
import type { Departure } from '../worker/departure.ts';
import type { ListenChoice } from '../worker/listen-choice.ts';
import type { Accept } from '../worker/typed-address.ts';
import { BaseWorker } from '../worker/worker.ts';
import type { Exchange } from './exchange.ts';
import { releaseExchange, useExchange } from './own-exchange.ts';

/** A worker whose process takes part in the cluster, from before it serves until after it has left its clients. */
export abstract class BusWorker<
  P extends ProtocolName = 'websocket',
  A extends Accept = 'both',
  Context = Record<string, unknown>,
> extends BaseWorker<P, A, Context> {
  #begun: Promise<void> | undefined;

  /** @internal Joins the bus. @throws {UstaError} it cannot be joined: why. */
  override begin(): Promise<void> {
    this.#begun ??= this.#begin();
    return this.#begun;
  }

  override async listen(choice: ListenChoice = {}): Promise<void> {
    await this.begin();
    await super.listen(choice);
  }

  /** @internal */
  override async depart(departure: Departure): Promise<void> {
    if (this.stopping) return;
    await super.depart(departure);
    const begun = this.#begun;
    this.#begun = undefined;
    if (!begun || !(await settles(begun))) return;
    await this.finish(departure);
    await releaseExchange();
  }

  /** Called once, on the bus. */
  protected abstract start(exchange: Exchange): Promise<void> | void;
  /** What is to be done when all clients are gone, before it leaves the bus. */
  protected async finish(_departure: Departure): Promise<void> {}

  async #begin(): Promise<void> {
    const exchange = await useExchange();
    try {
      await this.start(exchange);
    } catch (error) {
      await releaseExchange();
      throw error;
    }
  }
}

function settles(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}
