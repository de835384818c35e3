import type { ByteWriter } from '../bytes/byte-writer.ts';
import { ProtocolError } from '../errors.ts';
import { PackageCodec } from './package-codec.ts';
import type { Protocol } from './protocol.ts';

/** Bytes of the length in front; it counts itself. */
const HEAD = 4;

/** `frame://`: four bytes with the length of the whole frame, big-endian, and the message. */
export const frameProtocol: Protocol<Buffer, string | Uint8Array> = {
  name: 'frame',
  makeCodec: (limits) => new FrameCodec(limits),
};

export class FrameCodec extends PackageCodec<Buffer, string | Uint8Array> {
  get dialect(): object {
    return FrameCodec;
  }

  encode(message: string | Uint8Array, out: ByteWriter): void {
    out.reserve(HEAD);
    const start = out.position;
    out.position += HEAD;
    if (typeof message === 'string') out.writeUtf8(message);
    else out.writeBytes(message);
    out.view.setUint32(start, out.position - start);
  }

  protected measure(bytes: Buffer, start: number, end: number): number {
    if (end - start < HEAD) return 0;
    const length = bytes.readUInt32BE(start);
    if (length >= HEAD) return length;
    throw new ProtocolError(`a frame tells a length of ${length}; its own ${HEAD} bytes count too`);
  }

  protected decode(bytes: Buffer, start: number, end: number): Buffer {
    return Buffer.from(bytes.subarray(start + HEAD, end));
  }
}
