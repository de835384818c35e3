import { isUtf8 } from 'node:buffer';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { ProtocolError } from '../errors.ts';
import { PackageCodec } from './package-codec.ts';
import type { Protocol } from './protocol.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Up to so many bytes are looked at one by one: a call into native code costs more than the loop. */
const SHORT = 64;

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
    out.reserve(1);
    out.bytes[out.position++] = LINE_FEED;
  }

  protected measure(bytes: Buffer, start: number, end: number, seen: number): number {
    const from = start + seen;
    const near = Math.min(from + SHORT, end);
    for (let at = from; at < near; at++) if (bytes[at] === LINE_FEED) return at + 1 - start;
    const found = near < end ? bytes.subarray(near, end).indexOf(LINE_FEED) : -1;
    return found < 0 ? 0 : near + found + 1 - start;
  }

  protected decode(bytes: Buffer, start: number, end: number): string {
    let last = end - 1;
    while (last > start && bytes[last - 1] === CARRIAGE_RETURN) last--;
    if (last - start <= SHORT && isAscii(bytes, start, last)) return bytes.toString('latin1', start, last);
    if (!isUtf8(bytes.subarray(start, last))) throw new ProtocolError('a line is not UTF-8');
    return bytes.toString('utf8', start, last);
  }
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  let all = 0;
  for (let at = start; at < end; at++) all |= bytes[at] ?? 0;
  return all < 0x80;
}
