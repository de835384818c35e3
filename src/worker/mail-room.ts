import { ByteWriter } from '../bytes/byte-writer.ts';
import { sourceOf } from '../bytes/source.ts';
import { isThenable } from '../connection/callbacks.ts';
import { ErrorCode } from '../connection/handlers.ts';
import { type Limits, resolveLimits } from '../connection/limits.ts';
import { type Mailbox, UdpConnection } from '../connection/udp-connection.ts';
import { PackageTooLongError, PeerError, ProtocolError, UsageError } from '../errors.ts';
import type { Codec } from '../protocol/codec.ts';
import { RawCodec } from '../protocol/raw-codec.ts';
import { CloseCode } from '../protocol/websocket/close-code.ts';
import { publish } from '../telemetry.ts';
import { type Address, formatAddress } from '../transport/address.ts';
import { type DatagramPort, type DatagramSink, openDatagrams } from '../transport/datagrams.ts';
import type { WorkerAddress } from './address.ts';
import type { BaseWorker } from './worker.ts';

/** Bytes that go through most networks in one piece. */
const USUAL_SIZE = 1500;

/** A `udp://` worker while it listens: one datagram is one package, and concerns nobody but its sender. */
export class MailRoom implements DatagramSink, Mailbox<unknown> {
  port: DatagramPort | undefined;
  readonly #worker: BaseWorker;
  readonly #limits: Limits;
  /** `undefined` where a datagram is a message as it comes. */
  readonly #makeCodec: (() => Codec<unknown, unknown>) | undefined;
  /** Only writes. */
  readonly #pen: Codec<unknown, unknown>;

  /**
   * @param bound a socket that the master has bound.
   * @throws {UsageError} it was told to speak TLS. @throws {SystemError} the address cannot be had.
   */
  static open(worker: BaseWorker, address: WorkerAddress, bound: unknown): MailRoom {
    const { place } = address;
    if (worker.transport === 'ssl' || place.kind !== 'ip')
      throw new UsageError('E_TRANSPORT', `worker ${worker.name}: there is no TLS over udp://`);
    const room = new MailRoom(worker, address);
    const ipv6Only = worker.options.socket?.ipv6_v6only ?? false;
    room.port = openDatagrams(place, { ipv6Only, ...(bound === undefined ? {} : { bound }) }, room);
    return room;
  }

  private constructor(worker: BaseWorker, { own }: WorkerAddress) {
    this.#worker = worker;
    this.#limits = resolveLimits(worker.options);
    const packages = { maxPackageSize: this.#limits.maxMessage };
    this.#makeCodec = own && (() => own.makeCodec(packages) as Codec<unknown, unknown>);
    this.#pen = this.#makeCodec?.() ?? (new RawCodec() as Codec<unknown, unknown>);
  }

  get local(): Address {
    return this.port?.address ?? { kind: 'ip', host: '', port: 0 };
  }

  received(bytes: Buffer, from: Address): void {
    const { tally } = this.#worker;
    tally.bytesRead += bytes.length;
    try {
      const message = this.#read(bytes);
      tally.messagesReceived++;
      this.#tell(new UdpConnection<unknown>(this, from), message);
    } catch (error) {
      if (error instanceof PeerError) refuse(from, error);
      else publish('usta:handler:failed', { callback: 'codec', error });
    }
  }

  post(message: unknown, to: Address, raw: boolean): boolean {
    const { tally } = this.#worker;
    const bytes = this.#encode(message, raw);
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

  /** @throws {PeerError} the datagram is not exactly one package. */
  #read(bytes: Buffer): unknown {
    const { maxMessage } = this.#limits;
    if (bytes.length > maxMessage) throw new PackageTooLongError(bytes.length, maxMessage);
    if (this.#makeCodec === undefined) return bytes;
    const codec = this.#makeCodec();
    codec.push(sourceOf(bytes), 0, bytes.length);
    const event = codec.pull();
    if (event?.type !== 'message') throw new ProtocolError('a datagram is no whole package');
    if (codec.rest().length > 0) throw new ProtocolError('a datagram is more than one package');
    return event.message;
  }

  #encode(message: unknown, raw: boolean): Buffer {
    const out = new ByteWriter(USUAL_SIZE);
    if (!raw) this.#pen.encode(message, out);
    else if (typeof message === 'string') out.writeUtf8(message);
    else out.writeBytes(message as Uint8Array);
    return out.written();
  }

  #tell(connection: UdpConnection<unknown>, message: unknown): void {
    const handler = this.#worker.handlers.onMessage as MessageHandler;
    if (!handler) return;
    const failed = (error: unknown): void => this.#failed(connection, error);
    try {
      const result = handler(connection, message);
      if (isThenable(result)) result.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  #failed(connection: UdpConnection<unknown>, error: unknown): void {
    publish('usta:handler:failed', { callback: 'onMessage', error });
    const handler = this.#worker.handlers.onError as ErrorHandler;
    const text = error instanceof Error ? error.message : String(error);
    try {
      handler?.(connection, ErrorCode.handlerFailed, `onMessage: ${text}`, error);
    } catch (next) {
      publish('usta:handler:failed', { callback: 'onError', error: next });
    }
  }
}

type MessageHandler = ((connection: UdpConnection<unknown>, message: unknown) => unknown) | undefined | null;
type ErrorHandler =
  | ((connection: UdpConnection<unknown>, code: number, message: string, error: unknown) => unknown)
  | undefined
  | null;

function refuse(from: Address, error: PeerError): void {
  const code = error instanceof PackageTooLongError ? CloseCode.messageTooBig : CloseCode.protocolError;
  publish('usta:connection:failed', { remote: formatAddress(from), code, reason: error.message });
}
