import type { Budget } from '../../connection/budget.ts';
import type { AnyHandlers } from '../../connection/callbacks.ts';
import type { CloseCause } from '../../connection/close-cause.ts';
import { HANDLER_NAMES } from '../../connection/handlers.ts';
import type { Host } from '../../connection/host.ts';
import { type Limits, resolveLimits } from '../../connection/limits.ts';
import { messageStage } from '../../connection/message-stage.ts';
import type { Stage } from '../../connection/stage.ts';
import type { Beginning } from '../../connection/switching.ts';
import type { Tally } from '../../connection/tally.ts';
import type { TcpConnection } from '../../connection/tcp-connection.ts';
import type { Watch } from '../../connection/watch.ts';
import { UsageError } from '../../errors.ts';
import type { Codec } from '../../protocol/codec.ts';
import { RawCodec } from '../../protocol/raw-codec.ts';
import { CloseCode } from '../../protocol/websocket/close-code.ts';
import { premises } from '../premises.ts';
import { spoken } from '../protocols.ts';
import { clientLeaves, clientOpens, clientTally, watchFor } from './open-clients.ts';
import type { ClientOptions } from './options.ts';
import type { ClientProtocol } from './protocols.ts';

/** Where one client lives. */
export class ClientHost implements Host {
  limits: Limits;
  readonly budget: Budget = premises.budget;
  readonly tally: Tally = clientTally;
  readonly handlers: AnyHandlers;
  readonly connectMs: number;
  readonly ordered: boolean;
  readonly stopping = false;
  readonly farewell: number = CloseCode.goingAway;
  readonly #options: ClientOptions;
  readonly #protocol: ClientProtocol;
  #watch: Watch | undefined;

  constructor(options: ClientOptions, protocol: ClientProtocol) {
    this.#options = options;
    this.#protocol = protocol;
    this.limits = resolveLimits(options);
    this.connectMs = (options.connectTimeout ?? 10) * 1000;
    this.ordered = options.ordered ?? false;
    const given = HANDLER_NAMES.map((name) => [name, (options as Record<string, unknown>)[name]]);
    this.handlers = Object.fromEntries(given.filter(([, handler]) => handler)) as AnyHandlers;
  }

  get stage(): Stage {
    return this.#protocol.stage;
  }

  get watch(): Watch {
    const { upgradeMs, closeMs, pingMs, idleMs, stallMs } = this.limits;
    const spans = [this.connectMs, upgradeMs, closeMs, pingMs, idleMs, stallMs];
    return watchFor(Math.min(...spans.filter((span) => span > 0)));
  }

  makeCodec(): Codec<unknown, unknown> {
    return this.#protocol.makeCodec();
  }

  beginningIn(protocol: unknown): Beginning {
    const { protocol: name, own } = spoken({ scheme: 'tcp', protocol: 'tcp' }, protocol);
    if (own === undefined && name !== 'tcp')
      throw new UsageError('E_SWITCH', `a client begins in ${name}, or not at all`);
    const packages = { maxPackageSize: this.limits.maxMessage };
    const makeCodec = (): Codec<unknown, unknown> => own?.makeCodec(packages) ?? new RawCodec();
    return { stage: messageStage(name), makeCodec, begin() {} };
  }

  makeContext(): unknown {
    return this.#options.context?.() ?? {};
  }

  nextId(): number {
    return ++premises.lastId;
  }

  welcomes(): boolean {
    return true;
  }

  enter(connection: TcpConnection): void {
    this.#watch = this.watch;
    this.#watch.add(connection);
    clientOpens(connection);
  }

  leave(connection: TcpConnection, cause: CloseCause): void {
    this.#watch?.delete(connection);
    this.tally.ended(cause);
    clientLeaves(connection);
  }
}
