import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { sourceOf } from '../../../src/bytes/source.ts';
import {
  type WebSocketCodec,
  type WebSocketCodecOptions,
  webSocketCodecs,
} from '../../../src/protocol/websocket/websocket-codec.ts';
import { everyCut, pieces } from '../http/cuts.ts';
import { codeOf, type Heard, hear } from './frames.ts';

export const MIB: number = 1024 * 1024;
export const DEFLATE = { threshold: 0, level: 6, windowBits: 15 } as const;

type Options = Partial<WebSocketCodecOptions>;

export function codec(options: Options = {}): WebSocketCodec {
  return webSocketCodecs({ role: 'server', maxMessage: MIB, ...options })();
}

/** Sender and receiver, client to server and server to client. */
export function bothWays(options: Options = {}): (readonly [from: WebSocketCodec, to: WebSocketCodec])[] {
  const role = (name: 'server' | 'client'): WebSocketCodec => codec({ ...options, role: name });
  return [
    [role('client'), role('server')],
    [role('server'), role('client')],
  ];
}

/** What is heard of the bytes: the same whole, byte by byte and in random cuts. */
export function heard(bytes: Buffer | string, options: Options = {}): Heard {
  const all = typeof bytes === 'string' ? Buffer.from(bytes.replaceAll(' ', ''), 'hex') : bytes;
  return everyCut(all, (list) => hear(codec(options), list));
}

export function cut(bytes: Buffer, size: number, options: Options = {}): Heard {
  return hear(codec(options), pieces(bytes, size));
}

export function refused(code: number): Heard {
  return { events: [], refused: code };
}

/** Index of the byte with which `pull()` refuses, when they come one by one. */
export function refusedAt(bytes: Buffer, options: Options = {}): number | undefined {
  const one = codec(options);
  for (let index = 0; index < bytes.length; index++) {
    one.push(sourceOf(Buffer.from(bytes.subarray(index, index + 1))), 0, 1);
    try {
      while (one.pull());
    } catch (error) {
      codeOf(error);
      return index;
    }
    one.retain();
  }
  return undefined;
}

export function encoded(from: WebSocketCodec, messages: readonly (string | Uint8Array)[]): Buffer {
  const out = new ByteWriter(64);
  for (const one of messages) from.encode(one, out);
  return Buffer.from(out.written());
}
