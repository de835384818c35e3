import { publish } from '../../telemetry.ts';
import { BusWorker } from '../bus-worker.ts';
import { currentClient } from '../current-client.ts';
import type { Exchange } from '../exchange.ts';
import { ownExchange, withExchange } from '../own-exchange.ts';
import { postOver } from '../post.ts';
import { Verbs } from '../verbs.ts';
import { type DoorOptions, planDoor } from './door-options.ts';
import { FrontDesk } from './front-desk.ts';
import { Guard } from './guard.ts';

/** What the others see that it is there for. */
const ROLE = 'door';
/** A message of 1 MiB fits in, as base64 too. */
const MAX_BODY = 2 * 1_048_576;
const DRAIN_SECONDS = 5;

/** One process that lets programs in over HTTP. */
export class DoorWorker extends BusWorker<'http'> {
  readonly #notice: string | undefined;

  /** @throws {UsageError} an option cannot be used. */
  constructor(options: DoorOptions) {
    const { address, tokens, notice } = planDoor(options);
    const { listen: _, token: __, ...rest } = options;
    super(address, { ...rest, name: ROLE, count: 1, maxPackageSize: MAX_BODY, drainTimeout: DRAIN_SECONDS });
    this.#notice = notice;
    const verbs = new Verbs(postOver(withExchange, ownExchange), () => currentClient().id);
    const desk = new FrontDesk(verbs, new Guard(tokens));
    this.onMessage = async (connection, request) => {
      connection.send(await desk.answer(request));
    };
  }

  protected override start(exchange: Exchange): void {
    if (this.#notice !== undefined) publish('usta:notice', { text: this.#notice });
    exchange.bus.take(ROLE, this.name);
  }
}
