import { runAll } from './master/run-all.ts';
import type { Accept } from './worker/typed-address.ts';
import { allWorkers, BaseWorker } from './worker/worker.ts';

/**
 * Serves one address: `new Worker('websocket://0.0.0.0:8282')`. The scheme chooses the protocol and the
 * types of its messages.
 *
 * @typeParam Address give it where the address is only known at run time: `new Worker<'http://'>(address)`.
 */
export class Worker<
  Address extends string = string,
  A extends Accept = 'both',
  Context = Record<string, unknown>,
> extends BaseWorker<Address, A, Context> {
  /** Serves all workers of this script: one master process, `count` processes for each worker. */
  static runAll(): void {
    runAll(allWorkers());
  }
}
