import { ErrorCode } from '../connection/handlers.ts';
import { type Limits, resolveLimits } from '../connection/limits.ts';
import { type Mailbox, UdpConnection } from '../connection/udp-connection.ts';
import { contained } from '../contained.ts';
import { PeerError, UsageError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import type { Address } from '../transport/address.ts';
import {
  type DatagramOptions,
  type DatagramPort,
  type DatagramSink,
  openDatagrams,
} from '../transport/datagrams.ts';
import type { WorkerAddress } from './address.ts';
import { DatagramPackages, refuseDatagram } from './datagram-packages.ts';
import type { BaseWorker } from './worker.ts';

/** A `udp://` worker while it listens: one datagram is one package, and concerns nobody but its sender. */
export class MailRoom implements DatagramSink, Mailbox<unknown> {
  port: DatagramPort | undefined;
  readonly #worker: BaseWorker;
  readonly #limits: Limits;
  readonly #packages: DatagramPackages;

  /**
   * @param socket how it is bound, or the one that the master has bound.
   * @throws {UsageError} it was told to speak TLS. @throws {SystemError} the address cannot be had.
   */
  static open(worker: BaseWorker, address: WorkerAddress, socket: DatagramOptions): MailRoom {
    const { place } = address;
    if (worker.transport === 'ssl' || place.kind !== 'ip')
      throw new UsageError('E_TRANSPORT', `worker ${worker.name}: there is no TLS over udp://`);
    const room = new MailRoom(worker, address);
    room.port = openDatagrams(place, socket, room);
    return room;
  }

  private constructor(worker: BaseWorker, { own }: WorkerAddress) {
    this.#worker = worker;
    this.#limits = resolveLimits(worker.options);
    this.#packages = new DatagramPackages(own, this.#limits.maxMessage);
  }

  get local(): Address {
    return this.port?.address ?? { kind: 'ip', host: '', port: 0 };
  }

  received(bytes: Buffer, from: Address): void {
    const { tally } = this.#worker;
    tally.bytesRead += bytes.length;
    try {
      const message = this.#packages.read(bytes);
      tally.messagesReceived++;
      this.#tell(new UdpConnection<unknown>(this, from), message);
    } catch (error) {
      if (error instanceof PeerError) refuseDatagram(from, error);
      else publish('usta:handler:failed', { callback: 'codec', error });
    }
  }

  post(message: unknown, to: Address, raw: boolean): boolean {
    const { tally } = this.#worker;
    const bytes = this.#packages.write(message, raw);
    const isFull = (this.port?.queuedBytes ?? 0) >= this.#limits.softQueue;
    if (isFull || !this.port?.send(bytes, to)) {
      tally.sendFailures++;
      return false;
    }
    tally.messagesSent++;
    tally.bytesWritten += bytes.length;
    return true;
  }

  close(): void {
    this.port?.close();
  }

  #tell(connection: UdpConnection<unknown>, message: unknown): void {
    const handler = this.#worker.handlers.onMessage as MessageHandler;
    const failed = (text: string, error: unknown): unknown => {
      this.#worker.tally.handlerFailures++;
      const onError = this.#worker.handlers.onError as ErrorHandler;
      return onError?.(connection, ErrorCode.handlerFailed, text, error);
    };
    contained('onMessage', () => handler?.(connection, message), { failed });
  }
}

type MessageHandler = ((connection: UdpConnection<unknown>, message: unknown) => unknown) | undefined | null;
type ErrorHandler =
  | ((connection: UdpConnection<unknown>, code: number, message: string, error: unknown) => unknown)
  | undefined
  | null;
