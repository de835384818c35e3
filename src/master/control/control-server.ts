import process from 'node:process';
import { publish } from '../../telemetry.ts';
import { after, every } from '../../timer.ts';
import type { Sink, Wire } from '../../transport/engine.ts';
import { claimSocket } from './claim.ts';
import type { ClaimedSocket } from './claimed-socket.ts';
import { ControlConnection, type Desk, type Obey } from './control-connection.ts';
import { CONTROL_VERSION } from './messages.ts';
import type { ControlPlace } from './socket-path.ts';

export interface ControlOptions {
  /** Seconds that a request line may take to come. Default 10. */
  readonly requestTimeout?: number;
  /** Seconds that a reader may take for a quarter of a MiB of an answer. Default 10. */
  readonly readerTimeout?: number;
  /** Seconds that `close` waits for answers under way. Default 1. */
  readonly closeTimeout?: number;
  /** Seconds between two looks whether the socket is still in its place. Default 60. */
  readonly lookInterval?: number;
  /** How many may be connected at the same time. Default 32. */
  readonly maxConnections?: number;
}

/** The master's ear: whoever of this user types a command about the service is answered here. */
export class ControlServer implements Sink {
  readonly #place: ControlPlace;
  readonly #maxConnections: number;
  readonly #closeMs: number;
  readonly #desk: Desk;
  readonly #connections = new Set<ControlConnection>();
  readonly #leaveNothing = (): void => this.#claimed?.takeAway();
  #claimed: ClaimedSocket | undefined;
  #stopLooking: () => void = () => {};
  #searching = false;
  #complained = false;
  #closing: Promise<void> | undefined;
  #emptied: () => void = () => {};

  /**
   * @param obey does what is asked.
   * @throws {UsageError} `E_RUNNING`: the service runs already.
   * @throws {SystemError} there is no directory for the socket, or it cannot be used.
   */
  static async open(place: ControlPlace, obey: Obey, options: ControlOptions = {}): Promise<ControlServer> {
    const server = new ControlServer(place, obey, options);
    await server.#open(options.lookInterval ?? 60);
    return server;
  }

  private constructor(place: ControlPlace, obey: Obey, options: ControlOptions) {
    this.#place = place;
    this.#maxConnections = options.maxConnections ?? 32;
    this.#closeMs = (options.closeTimeout ?? 1) * 1000;
    this.#desk = {
      obey,
      hello: () => ({ pid: process.pid, script: place.script, version: CONTROL_VERSION }),
      requestMs: (options.requestTimeout ?? 10) * 1000,
      readerMs: (options.readerTimeout ?? 10) * 1000,
      left: (connection) => this.#left(connection),
    };
  }

  /** Of the socket; another one when its directory had to be left. */
  get path(): string {
    return this.#claimed?.path ?? '';
  }

  /**
   * From here on the service counts as not running. Answers under way are finished, within a second; call it
   * after what they wait for.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  accepted(wire: Wire): void {
    const connection = new ControlConnection(wire, this.#desk, this.#connections.size < this.#maxConnections);
    wire.sink = connection;
    this.#connections.add(connection);
  }

  opened(): void {}
  received(): void {}
  ended(): void {}
  buffered(): void {}
  closed(): void {}

  async #open(lookInterval: number): Promise<void> {
    this.#claimed = await claimSocket(this.#place, this);
    process.on('exit', this.#leaveNothing);
    this.#stopLooking = every(lookInterval * 1000, () => void this.#look());
  }

  async #close(): Promise<void> {
    this.#stopLooking();
    this.#leaveNothing();
    process.off('exit', this.#leaveNothing);
    await this.#claimed?.listener.close();
    for (const connection of this.#connections) connection.leave();
    if (this.#connections.size === 0) return;
    const callOff = after(this.#closeMs, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    callOff();
  }

  #left(connection: ControlConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#emptied();
  }

  /** A session's directory goes with the session, and temporary directories are tidied up: the service stays. */
  async #look(): Promise<void> {
    if (this.#searching) return;
    this.#searching = true;
    try {
      if (this.#claimed?.isInPlace) this.#claimed.keepFresh();
      else await this.#move();
      this.#complained = false;
    } catch (error) {
      if (!this.#complained)
        notice(`the control socket has gone, and no other one is there: ${(error as Error).message}`);
      this.#complained = true;
    }
    this.#searching = false;
  }

  async #move(): Promise<void> {
    const next = await claimSocket(this.#place, this);
    const last = this.#claimed;
    this.#claimed = next;
    await last?.listener.close();
    if (this.#closing) {
      next.takeAway();
      return next.listener.close();
    }
    notice(`the control socket had gone; it is ${next.path} now`);
  }
}

function notice(text: string): void {
  publish('usta:notice', { text });
}
