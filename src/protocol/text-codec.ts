import { isUtf8 } from 'node:buffer';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { ProtocolError } from '../errors.ts';
import { PackageCodec } from './package-codec.ts';
import type { Protocol } from './protocol.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** `text://`: lines of UTF-8, ended by a line feed; carriage returns in front of it are taken away. */
export const textProtocol: Protocol<string, string> = {
  name: 'text',
  makeCodec: (limits) => new TextCodec(limits),
};

export class TextCodec extends PackageCodec<string, string> {
  get dialect(): object {
    return TextCodec;
  }

  encode(message: string, out: ByteWriter): void {
    out.writeUtf8(message);
    out.writeLatin1('\n');
  }

  protected measure(bytes: Buffer, start: number, end: number, seen: number): number {
    const found = bytes.subarray(start + seen, end).indexOf(LINE_FEED);
    return found < 0 ? 0 : seen + found + 1;
  }

  protected decode(bytes: Buffer, start: number, end: number): string {
    let last = end - 1;
    while (last > start && bytes[last - 1] === CARRIAGE_RETURN) last--;
    if (!isUtf8(bytes.subarray(start, last))) throw new ProtocolError('a line is not UTF-8');
    return bytes.toString('utf8', start, last);
  }
}
