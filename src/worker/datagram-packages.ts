import { ByteWriter } from '../bytes/byte-writer.ts';
import { sourceOf } from '../bytes/source.ts';
import { PackageTooLongError, type PeerError, ProtocolError } from '../errors.ts';
import type { Codec } from '../protocol/codec.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { RawCodec } from '../protocol/raw-codec.ts';
import { CloseCode } from '../protocol/websocket/close-code.ts';
import { publish } from '../telemetry.ts';
import { type Address, formatAddress } from '../transport/address.ts';

/** Bytes that go through most networks in one piece. */
const USUAL_SIZE = 1500;

/** What datagrams hold: each is one package of one protocol. */
export class DatagramPackages {
  readonly #maxSize: number;
  /** `undefined` where a datagram is a message as it comes. */
  readonly #makeCodec: (() => Codec<unknown, unknown>) | undefined;
  /** Only writes. */
  readonly #pen: Codec<unknown, unknown>;

  /** @param maxSize of a package that is read, in bytes. */
  constructor(own: AnyProtocol | undefined, maxSize: number) {
    this.#maxSize = maxSize;
    const packages = { maxPackageSize: maxSize };
    this.#makeCodec = own && (() => own.makeCodec(packages) as Codec<unknown, unknown>);
    this.#pen = this.#makeCodec?.() ?? (new RawCodec() as Codec<unknown, unknown>);
  }

  /** @throws {PeerError} the datagram is not exactly one package. */
  read(bytes: Buffer): unknown {
    if (bytes.length > this.#maxSize) throw new PackageTooLongError(bytes.length, this.#maxSize);
    if (this.#makeCodec === undefined) return bytes;
    const codec = this.#makeCodec();
    codec.push(sourceOf(bytes), 0, bytes.length);
    const event = codec.pull();
    if (event?.type !== 'message') throw new ProtocolError('a datagram is no whole package');
    if (codec.rest().length > 0) throw new ProtocolError('a datagram is more than one package');
    return event.message;
  }

  /** @param raw true takes bytes as they are, without the protocol. */
  write(message: unknown, raw: boolean): Buffer {
    const out = new ByteWriter(USUAL_SIZE);
    if (!raw) this.#pen.encode(message, out);
    else if (typeof message === 'string') out.writeUtf8(message);
    else out.writeBytes(message as Uint8Array);
    return out.written();
  }
}

/** Tells of a datagram that is not taken. */
export function refuseDatagram(from: Address, error: PeerError): void {
  const code = error instanceof PackageTooLongError ? CloseCode.messageTooBig : CloseCode.protocolError;
  publish('usta:connection:failed', { remote: formatAddress(from), code, reason: error.message });
}
